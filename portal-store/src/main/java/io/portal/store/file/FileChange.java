package io.portal.store.file;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A file that gets new content or goes away.
 *
 * @param name path below the store's directory, parts joined by a slash
 * @param content makes the new content, as often as it is asked; null where the file goes away
 */
record FileChange(String name, @Nullable Supplier<byte[]> content) {

  static FileChange put(String name, Supplier<byte[]> content) {
    return new FileChange(name, content);
  }

  static FileChange remove(String name) {
    return new FileChange(name, null);
  }
}
