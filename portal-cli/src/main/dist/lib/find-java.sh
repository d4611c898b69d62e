# Sourced by portal's scripts. Sets JAVA_HOME to a Java of version 17 or later, or leaves it empty.
# $1: the program it must have, java or javac.

# Whether the directory $1 holds a Java 17 or later with the program $2. Reads the release file, for
# starting a JVM only to ask its version would take longer than most commands.
is_java() {
  [ -x "$1/bin/$2" ] || return 1
  java_version=
  if [ -r "$1/release" ]; then
    while IFS='=' read -r name value; do
      [ "$name" = JAVA_VERSION ] && java_version=${value#\"} && java_version=${java_version%%\"*}
    done < "$1/release"
  fi
  if [ -z "$java_version" ]; then
    java_version=$("$1/bin/java" -version 2>&1 | sed -n 's/.*version "\([^"]*\)".*/\1/p')
  fi
  java_major=${java_version%%[!0-9]*}
  [ "${java_major:-0}" -ge 17 ]
}

find_java() {
  if [ -n "${JAVA_HOME:-}" ] && is_java "$JAVA_HOME" "$1"; then
    return 0
  fi
  found=$(command -v "$1" || true)
  if [ -n "$found" ]; then
    [ -L "$found" ] && found=$(readlink -f "$found")
    found=${found%/bin/*}
    # On a Mac the program in the path only leads to the real one.
    if [ ! -r "$found/release" ] && [ -x /usr/libexec/java_home ]; then
      found=$(/usr/libexec/java_home 2>/dev/null || true)
    fi
    if is_java "$found" "$1"; then
      JAVA_HOME=$found
      return 0
    fi
  fi
  for found in /usr/lib/jvm/* /opt/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if is_java "$found" "$1"; then
      JAVA_HOME=$found
      return 0
    fi
  done
  JAVA_HOME=
  return 1
}
