package io.portal.core.port;

class InMemoryStoreTest extends StateStoreContract {

  private final InMemoryStore store = new InMemoryStore();

  @Override
  protected StateStore open() {
    return store;
  }
}
