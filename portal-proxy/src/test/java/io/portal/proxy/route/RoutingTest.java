package io.portal.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.portal.core.model.RouteId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Matching and path joining, row by row. */
class RoutingTest {

  /** Routes are {@code subdomain|domain|path}, separated by blanks. */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "||, a.b, /, ||",
        "|test.com|, test.com, /, |test.com|",
        "|test.com|, x.test.com, /, |test.com|",
        "|test.com|, x.y.test.com, /, |test.com|",
        "|test.com|, TEST.Com, /, |test.com|",
        "|test.com|, test.com., /, |test.com|",
        "|test.com|, mytest.com, /, -",
        "|test.com|, test.com.org, /, -",
        "|test.com|, com, /, -",
        "|example.co.uk|, www.example.co.uk, /, |example.co.uk|",
        "|localhost|, localhost, /, |localhost|",
        "|m\u00fcnchen.example|, xn--mnchen-3ya.example, /, |m\u00fcnchen.example|",
        "m\u00fc|example|, XN--M-eha.x.example, /, m\u00fc|example|",
        "|localhost|, x.localhost, /, |localhost|",
        "|com|, a.b.com, /, |com|",
        "admin|test.com|, admin.test.com, /, admin|test.com|",
        "admin|test.com|, admin.x.test.com, /, admin|test.com|",
        "admin|test.com|, administrator.test.com, /, -",
        "admin|test.com|, x.admin.test.com, /, admin|test.com|",
        "admin|test.com|, test.com, /, -",
        "a.b|test.com|, a.b.test.com, /, a.b|test.com|",
        "a.b|test.com|, a.b.c.test.com, /, a.b|test.com|",
        "a.b|test.com|, a.test.com, /, -",
        "a.b|test.com|, a.x.b.test.com, /, -",
        "admin||, admin.anything.org, /, admin||",
        "admin||, x.admin.org, /, admin||",
        "admin||, admin, /, admin||",
        "admin||, org, /, -",
        "||/admin, h, /admin, ||/admin",
        "||/admin, h, /admin/, ||/admin",
        "||/admin, h, /admin/x, ||/admin",
        "||/admin, h, /adminx, -",
        "||/admin, h, /, -",
        "||/admin, h, /x/admin, -",
        "||/admin/, h, /admin/, ||/admin/",
        "||/admin/, h, /admin/x/y, ||/admin/",
        "||/admin/, h, /admin, -",
        "||/admin*, h, /admin, ||/admin*",
        "||/admin*, h, /adminx, ||/admin*",
        "||/admin*, h, /admin/x, ||/admin*",
        "||/admin*, h, /adm, -",
        "||/a/b*, h, /a/bcd/e, ||/a/b*",
        "||/a/b*, h, /a/c, -",
        "||/a/*, h, /a/, ||/a/*",
        "||/a/*, h, /a, -",
        "||*, h, /anything, ||*",
        "||/*, h, /anything, ||/*",
        "||/, h, /, ||/",
        "||/, h, /x, ||/",
        "||/a/b, h, /a/b/c/d, ||/a/b",
        "||/a/b, h, /a, -",
        "||/a//b, h, /a/b, ||/a//b",
        "||/%61 ||/a, h, /a, ||/a",
        "|| ||/a, h, /a, ||/a",
        "|| ||/a, h, /b, ||",
        "||/a ||/a/b, h, /a/b/c, ||/a/b",
        "||/a ||/a/b, h, /a/c, ||/a",
        "||/a ||/a/, h, /a/x, ||/a/",
        "||/a ||/a/, h, /a, ||/a",
        "||/a/ ||/a*, h, /a/x, ||/a/",
        "||/a* ||/ab*, h, /abc, ||/ab*",
        "||/a* ||/ab*, h, /ac, ||/a*",
        "||/ab* ||/abd*, h, /abc, ||/ab*",
        "||/a* ||/ab* ||/abcd*, h, /abce, ||/ab*",
        "|test.com| ||/a, test.com, /a, |test.com|",
        "|| |test.com|, x.test.com, /, |test.com|",
        "|com| |test.com|, x.test.com, /, |test.com|",
        "|com|/long |test.com|, test.com, /long, |com|/long",
        "|test.com|/a |test.com|, test.com, /a, |test.com|/a",
        "x|test.com| |x.test.com|, x.test.com, /, x|test.com|",
        "x||/ |x.test.com|/, x.test.com, /, x||/",
        "x|| x|test.com|, x.test.com, /, x|test.com|",
        "x|| x.y||, x.y.z, /, x.y||",
        "x|com| x|test.com|, x.test.com, /, x|test.com|",
        "x|test.com|/b |test.com|, x.test.com, /a, |test.com|",
        "b|example.com|, a.b.example.com, /, b|example.com|",
        "b|example.com| |example.com|, a.b.example.com, /, |example.com|",
        "b|example.com| ||, a.b.example.com, /, ||",
        "|a.test.com| |test.com|, b.test.com, /, |test.com|"
      })
  void matches(String routes, String host, String path, String expected) {
    List<RouteId> ids =
        Arrays.stream(routes.split(" "))
            .map(
                text -> {
                  String[] parts = text.split("\\|", -1);
                  return new RouteId(parts[0], parts[1], parts[2]);
                })
            .toList();
    RouteId found = new RouteTable<>(ids, id -> id).match(host, path);
    assertThat(found == null ? null : found.subdomain() + "|" + found.domain() + "|" + found.path())
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      emptyValue = "",
      value = {
        "'', '', /admin*, /, /admin/users?x=1, /users?x=1",
        "/app1, '', /admin*, /, /admin/users?x=1, /app1/users?x=1",
        "/app1, '', /admin, /, /admin/users, /app1/users",
        "/app1, '', /admin, /, /admin, /app1/",
        "/app1, '', /admin/, /v2, /admin/users, /app1/v2/users",
        "/app1/, '', /admin/, /v2/, /admin/users, /app1/v2/users",
        "/app1, '', '', '', /x, /app1/x",
        "/app1/, '', '', '', /x, /app1/x",
        "'', '', '', '', /x, /x",
        "/, '', '', '', /x, /x",
        "/, '', '', '', //x/../y, //x/../y",
        "/app, a=1, '', '', /x, /app/x?a=1",
        "/app, a=1, '', '', /x?b=2, /app/x?a=1&b=2",
        "'', a=1, '', '', /?b=2, /?a=1&b=2",
        "'', '', /a, /b, /a/c?d, /b/c?d",
        "'', '', '', /b, /a, /b/a",
        "'', '', /a, /b, /a//c%40//d, /b/c%40//d",
        "'', '', /a, /b, /a;x=1/c;y=2, /b/c;y=2",
        "'', '', /a, /b, /a;x=1, /b",
        "'', '', /a, /b, /%61/c%20d, /b/c%20d",
        "'', '', /a, /b, /a/../a/./c, /b/c"
      })
  void joins(String target, String query, String route, String fwd, String raw, String expected) {
    int question = raw.indexOf('?');
    String path = question < 0 ? raw : raw.substring(0, question);
    String matched = RequestPath.normalize(path, false);
    assertThat(TargetPath.of(target, query, route, fwd, raw, matched)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "/a/b, /a/b",
        "/a/../b, /b",
        "/a/./b, /a/b",
        "/a/%2e%2E/b, /b",
        "/a/%2e/b, /a/b",
        "/a/..., /a/...",
        "/a/.., /",
        "/a/b/.., /a/",
        "/a/., /a/",
        "/.., -",
        "/a/../../b, -",
        "/%2e%2e/b, -",
        "/a.b, /a.b",
        "/%61%7E%2d, /a~-",
        "/%3a%40%2b, /:@+",
        "/%3f%23%5b%25%3b%20, /%3F%23%5B%25%3B%20",
        "/%2561, /%2561",
        "/\"|, /%22%7C",
        "/\u00c3\u00bc/%c3%bc, /%C3%BC/%C3%BC",
        "//, /",
        "//a///b//, /a/b/",
        "/a;x=1/b;y, /a/b",
        "/a/;x, /a/",
        "/;x/a, /a",
        "/a//../b, -",
        "/a//b/../../c, -",
        "/a/..//b, /b",
        "/a/..;/b, -",
        "/a/.;/b, -",
        "/a/%2e%2e%3b/b, /a/..%3B/b",
        "/a%2fb, -",
        "/a%5Cb, -",
        "/a\\b, -",
        "/a%00, -",
        "/a%0a, -",
        "/a%7f, -",
        "/a%, -",
        "/a%2, -",
        "/a%zz, -",
        "/a%u0061, -",
        "/%c0%af, -",
        "/%c1%a1, -",
        "/%c0\u00ae, -",
        "/%e0%80%af, -",
        "/%f0%80%80%af, -",
        "/%e0%a4%b9/%f0%9f%98%80, /%E0%A4%B9/%F0%9F%98%80",
        "/%e9t%e9, /%E9t%E9",
        "*, *"
      })
  void normalizes(String path, String expected) {
    String normal = RequestPath.normalize(path, false);
    assertThat(normal).isEqualTo(expected);
    if (normal != null) {
      assertThat(RequestPath.normalize(normal, false)).as("again").isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/a%2fb%5c, /a%2Fb%5C",
    "/a/..%2fb, /a/..%2Fb",
    "/%252f, /%252f",
    "/a%2f../b, /a%2F../b"
  })
  void keepsEncodedSlashesInTheirSegmentWhereAllowed(String path, String expected) {
    assertThat(RequestPath.normalize(path, true)).isEqualToIgnoringCase(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "/m\u00fcnchen, /m%C3%BCnchen",
    "/a b*, /a%20b*",
    "/%61//b/../c/*, /a/c/*",
    "/a%2fb, /a%2Fb",
    "/a;b, /a;b",
    "/../a, /../a",
    "api, api",
    "*, *"
  })
  void writesPathsOfRoutesAsTheyAreMatched(String path, String expected) {
    assertThat(RequestPath.pattern(path)).isEqualTo(expected);
  }

  @Test
  void findsEachOfManyRoutes() {
    List<RouteId> ids = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      ids.add(new RouteId("s" + i % 7, "d" + i + ".test", "/p" + i));
    }
    RouteTable<RouteId> table = new RouteTable<>(ids, id -> id);
    for (int i = 0; i < 20_000; i++) {
      assertThat(table.match("s" + i % 7 + ".d" + i + ".test", "/p" + i + "/x"))
          .isEqualTo(ids.get(i));
    }
  }
}
