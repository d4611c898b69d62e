package io.portal.cli;

/** The forms in which an answer is printed. */
enum Output {
  /** As it came. */
  RAW {
    @Override
    String render(String body) {
      return body;
    }
  },
  /** Indented. */
  JSON {
    @Override
    String render(String body) {
      return io.portal.cli.Json.indented(io.portal.cli.Json.parse(body, "answer")) + "\n";
    }
  },
  /** For people. */
  TABLE {
    @Override
    String render(String body) {
      return Table.of(io.portal.cli.Json.parse(body, "answer"));
    }
  },
  /** For people who like YAML. */
  YAML {
    @Override
    String render(String body) {
      return Yaml.write(io.portal.cli.Json.parse(body, "answer"));
    }
  };

  /** An answer in this form, with its line's end. */
  abstract String render(String body);

  /** The form of that name; as it came for none. */
  static Output of(String name) {
    return switch (name) {
      case "" -> RAW;
      case "json" -> JSON;
      case "table" -> TABLE;
      case "yaml" -> YAML;
      default -> throw CliException.usage("--output: '" + name + "' is not table, json or yaml");
    };
  }
}
