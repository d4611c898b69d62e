package io.portal.store.file;

import io.portal.core.port.StateStore;
import io.portal.core.port.StateStoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileStoreContractTest extends StateStoreContract {

  @TempDir Path directory;

  @Override
  protected StateStore open() throws Exception {
    return FileStore.open(directory.resolve("state"));
  }
}
