package io.portal.store.file;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the file {@code revision} says: the revision in its first line, and in further ones the
 * number of the commit that wrote it and how many files belong to it, by directory. Directories of
 * earlier versions have just the first line; lines that this version does not know are left alone.
 *
 * @param revision the state's revision, 0 or above
 * @param sequence counts the commits of this directory; 0 if it is not said
 * @param files how many files there are, and a hash of their names, by directory; empty if it is
 *     not said
 */
record StoredRevision(long revision, long sequence, Map<String, Files> files) {

  /** Of a directory that has none yet. */
  static final StoredRevision NONE = new StoredRevision(0, 0, Map.of());

  private static final String COMMIT = "commit";

  /**
   * The files of one directory.
   *
   * @param count how many there are
   * @param hash sum of a hash of each name
   */
  record Files(long count, long hash) {

    static final Files NONE = new Files(0, 0);

    Files plus(long nameHash) {
      return new Files(count + 1, hash + nameHash);
    }

    Files minus(long nameHash) {
      return new Files(count - 1, hash - nameHash);
    }
  }

  /** What a file says, {@link #NONE} if there is none; empty if it is damaged. */
  static Optional<StoredRevision> read(Path file) throws IOException {
    try {
      return parse(java.nio.file.Files.readString(file, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException never) {
      return Optional.of(NONE);
    }
  }

  /** What a file with that text says; empty if it is damaged. */
  static Optional<StoredRevision> parse(String text) {
    String[] lines = text.split("\n", -1);
    try {
      long revision = Long.parseLong(lines[0].strip());
      long sequence = 0;
      Map<String, Files> files = new LinkedHashMap<>();
      for (int i = 1; i < lines.length; i++) {
        String[] words = lines[i].strip().split(" ", -1);
        if (words[0].equals(COMMIT) && words.length == 2) {
          sequence = Long.parseLong(words[1]);
        } else if (words[0].equals("files") && words.length == 4) {
          files.put(
              words[1], new Files(Long.parseLong(words[2]), Long.parseUnsignedLong(words[3], 16)));
        }
      }
      return revision < 0 || sequence < 0
          ? Optional.empty()
          : Optional.of(new StoredRevision(revision, sequence, files));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The file's content. */
  byte[] bytes() {
    StringBuilder text = new StringBuilder().append(revision).append('\n');
    text.append(COMMIT).append(' ').append(sequence).append('\n');
    files.forEach(
        (directory, counted) ->
            text.append("files ")
                .append(directory)
                .append(' ')
                .append(counted.count())
                .append(' ')
                .append(String.format("%016x", counted.hash()))
                .append('\n'));
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
