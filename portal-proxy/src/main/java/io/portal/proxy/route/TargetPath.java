package io.portal.proxy.route;

/** Joins paths and queries towards a target; joints have exactly one slash. Stateless. */
public final class TargetPath {

  private TargetPath() {}

  /**
   * The request line's target for an upstream request.
   *
   * @param targetPath path of the target's URI, may be empty
   * @param targetQuery query of the target's URI, empty for none
   * @param routePath the route's path as {@link RequestPath#pattern} gives it
   * @param fwdpath the route's fwdpath, empty to keep the request's path
   * @param raw the request's path and query as they came
   * @param matched the request's path as {@link RequestPath#normalize} gives it
   */
  public static String of(
      String targetPath,
      String targetQuery,
      String routePath,
      String fwdpath,
      String raw,
      String matched) {
    int question = raw.indexOf('?');
    String path = question < 0 ? raw : raw.substring(0, question);
    String query = question < 0 ? "" : raw.substring(question + 1);
    String joined;
    if (fwdpath.isEmpty()) {
      joined = bare(targetPath) ? path : join(targetPath, path);
    } else {
      joined = join(join(targetPath, fwdpath), rest(routePath, path, matched));
    }
    if (targetQuery.isEmpty()) {
      return question < 0 ? joined : joined + '?' + query;
    }
    return joined + '?' + targetQuery + (query.isEmpty() ? "" : "&" + query);
  }

  /**
   * What is left of a request's path after the route's, whose star does not count: as it came if it
   * can be told so, else as it was matched.
   */
  private static String rest(String routePath, String raw, String matched) {
    String prefix =
        routePath.endsWith("*") ? routePath.substring(0, routePath.length() - 1) : routePath;
    if (raw.startsWith(prefix) && !RequestPath.dotted(raw)) {
      String rest = raw.substring(prefix.length());
      // Parameters of the route's own last segment.
      int slash = rest.indexOf('/');
      return !rest.startsWith(";") ? rest : slash < 0 ? "" : rest.substring(slash);
    }
    return matched.startsWith(prefix) ? matched.substring(prefix.length()) : matched;
  }

  private static boolean bare(String path) {
    return path.isEmpty() || path.equals("/");
  }

  /** Two paths with one slash between them; an empty second one adds nothing. */
  static String join(String first, String second) {
    if (second.isEmpty()) {
      return first.isEmpty() ? "/" : first;
    }
    int end = first.length();
    while (end > 0 && first.charAt(end - 1) == '/') {
      end--;
    }
    int start = 0;
    while (start < second.length() && second.charAt(start) == '/') {
      start++;
    }
    return first.substring(0, end) + '/' + second.substring(start);
  }
}
