# What ci/deps/linux and ci/deps/windows share; sourced by them.
#
# The libraries come from the distribution's own source packages. Apt is given
# a sources list, lists and an archive of our own inside the target folder, so
# that nothing of the system is changed and no right is needed.

say() { echo "deps: $*"; }

# hb_apt FOLDER ARGUMENTS...: apt-get with everything it writes in FOLDER.
hb_apt() {
  local apt=$1/apt
  shift
  apt-get -qq \
    -o Dir::Etc::sourcelist=/dev/null \
    -o Dir::Etc::sourceparts="$apt/sources.list.d" \
    -o Dir::State::lists="$apt/lists" \
    -o Dir::Cache="$apt/cache" \
    -o Dir::Cache::archives="$apt/cache/archives" \
    -o APT::Sandbox::User="$(id -un)" \
    "$@"
}

# hb_sources FOLDER: the system's own archives, as sources. Of the configured
# ones only those of this release are taken: archives of other vendors seldom
# hold sources.
hb_sources() {
  local apt=$1/apt codename
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  mkdir -p "$apt/sources.list.d" "$apt/lists/partial" \
    "$apt/cache/archives/partial"
  awk -v codename="$codename" '
    BEGIN { RS = ""; FS = "\n" }
    {
      gsub(/(^|\n)#[^\n]*/, "")
      if (match($0, /(^|\n)Suites:[^\n]*/) == 0) next
      if (index(substr($0, RSTART, RLENGTH), " " codename) == 0) next
      if ($0 ~ /(^|\n)Enabled: *no/) next
      sub(/(^|\n)Types:[^\n]*/, "\nTypes: deb-src")
      sub(/^\n+/, "")
      print $0 "\n"
    }' $(find /etc/apt/sources.list.d -name '*.sources' 2>/dev/null) \
    /dev/null >"$apt/sources.list.d/system.sources"
  awk -v codename="$codename" '
    $1 == "deb" {
      suite = ($2 ~ /^\[/) ? 0 : 3
      for (i = 2; suite == 0 && i <= NF; i++) if ($i ~ /\]$/) suite = i + 2
      if (index($suite, codename) == 1) { sub(/^deb/, "deb-src"); print }
    }' $(find /etc/apt/sources.list /etc/apt/sources.list.d -name '*.list' \
      2>/dev/null) /dev/null >"$apt/sources.list.d/system.list"
  if [ ! -s "$apt/sources.list.d/system.sources" ] &&
    [ ! -s "$apt/sources.list.d/system.list" ]; then
    say "apt has no archive of release '$codename' to take sources from" >&2
    return 1
  fi
}

# hb_fetch FOLDER PACKAGE: unpacks the source package, with the distribution's
# patches, as FOLDER/source/PACKAGE. Kept if it is there.
hb_fetch() {
  local folder=$1 package=$2
  [ -d "$folder/source/$package" ] && return 0
  if ! ls "$folder/apt/lists/"*Sources* >/dev/null 2>&1; then
    say "reading the lists of source packages"
    hb_sources "$folder"
    hb_apt "$folder" update
  fi
  say "fetching the source package $package"
  mkdir -p "$folder/source" "$folder/download"
  (cd "$folder/download" &&
    hb_apt "$folder" source --download-only --only-source "$package")
  dpkg-source --no-check -x "$folder/download/$package"_*.dsc \
    "$folder/source/$package.part" >/dev/null
  mv "$folder/source/$package.part" "$folder/source/$package"
}

# hb_build FOLDER PACKAGE OPTIONS...: configures, builds and installs it into
# FOLDER/prefix, without a word unless it fails.
hb_build() {
  local folder=$1 package=$2
  shift 2
  local build=$folder/build/$package log=$folder/$package.log
  say "building $package"
  rm -rf "$build"
  if ! {
    cmake -S "$folder/source/$package" -B "$build" \
      -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_INSTALL_LIBDIR=lib \
      -DCMAKE_INSTALL_PREFIX="$folder/prefix" -Wno-dev "$@" &&
      cmake --build "$build" --parallel 2 &&
      cmake --install "$build"
  } >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    return 1
  fi
}

# hb_finish FOLDER RECIPE: remembers that all is built, and by which recipe.
hb_finish() {
  cksum <"$2" >"$1/stamp"
  say "installed in $1/prefix"
}

# hb_ready FOLDER RECIPE: true if this recipe built FOLDER already.
hb_ready() {
  [ -f "$1/stamp" ] && [ "$(cat "$1/stamp")" = "$(cksum <"$2")" ] || return 1
  say "up to date: $1/prefix"
}
