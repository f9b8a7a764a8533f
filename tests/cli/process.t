# A tool among others: pipes that close, signals, nothing left behind.
A=--areas $D/areas.geojson --area-key code:ward

# The reader at the other end goes: ended by SIGPIPE, quietly. (2 MB of records; a pipe holds 64 KB.)
141 head1.csv awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 100000; i++) printf "%06d,400500,300500\n", i}' > m.csv; geojoin $A m.csv | head -1; exit ${PIPESTATUS[0]}
  not: geojoin
141 head1.csv awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 100000; i++) printf "%06d,400500,300500\n", i}' > m.csv; geojoin $A -j 8 < m.csv | head -1; exit ${PIPESTATUS[0]}
  not: geojoin
# Ctrl-C: the process ends by the signal at once, and neither the output nor a temporary file is left. While the first piece is read, and
# later, when several threads wait for one of them to read; files of GDAL too.
130 - bash $D/interrupt.sh INT o.csv 1 1000
  files:
130 - bash $D/interrupt.sh INT o.csv 4 3000000
  files:
130 - bash $D/interrupt.sh INT o.csv 2 3000000
  files:
130 - bash $D/interrupt.sh INT o.csv 3 9000000
  files:
130 - bash $D/interrupt.sh INT o.gpkg 4 3000000
  files:
130 - bash $D/interrupt.sh INT o.shp 1 3000000
  files:
143 - bash $D/interrupt.sh TERM o.csv 2 3000000
  files:
129 - bash $D/interrupt.sh HUP o.csv 2 1000
  files:
131 - bash $D/interrupt.sh QUIT o.gpkg 2 3000000
  files:
152 - bash $D/interrupt.sh XCPU o.gpkg 2 3000000
  files:
# Ctrl-C at a pipeline reaches all of it. The writer dies first, and its end is no end of the input: nothing gets the name.
G='set -m; { printf "id,easting,northing\n1,400500,300500\n"; exec sleep 9; } | geojoin $A'
E='sleep 0.4; kill -INT %1; wait %1'
130 - eval "$G -j 1 -o o.csv & $E"
  files:
130 - eval "$G -j 3 -o o.csv & $E"
  files:
130 - eval "$G -j 2 -o o.gpkg & $E"
  files:
130 - eval "$G --count -o o.csv & $E"
  files:
# So it does while one waits for the other end of a named pipe.
130 - set -m; mkfifo p.csv; geojoin $A p.csv & sleep 0.4; kill -INT %1; wait %1
  not: geojoin:
130 - set -m; mkfifo p.csv; geojoin $A -o p.csv $D/clean.csv & sleep 0.4; kill -INT %1; wait %1
  not: geojoin:
# And while nobody reads the output, on one thread and on several; a release, too, which is let go at the end.
M='awk "BEGIN {print \"id,easting,northing,sdc_class\"; for (i = 0; i < 100000; i++) printf \"%06d,400500,300500,open\\n\", i}" > clean.csv; mkfifo p; sleep 9 < p & exec 7> p'
143 - eval "$M"; geojoin $A -j 1 clean.csv >&7 & pid=$!; sleep 0.6; kill $pid; wait $pid
143 - eval "$M"; geojoin $A -j 3 clean.csv >&7 & pid=$!; sleep 0.6; kill $pid; wait $pid
143 - eval "$M"; geojoin $A -j 3 --format csv -o p clean.csv & pid=$!; sleep 0.6; kill $pid; wait $pid
143 - eval "$M"; geojoin $A -j 3 --policy $D/open.policy --release clean.csv >&7 & pid=$!; sleep 0.9; kill $pid; wait $pid
# A pipe that was made not to wait is waited for all the same. (dd makes it so: the flag is the pipe's, not the process's.)
0 - awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 100000; i++) printf "%06d,400500,300500\n", i}' > m.csv; geojoin $A m.csv > expected.csv; (dd oflag=nonblock count=0 status=none; geojoin $A m.csv) | { sleep 0.5; cmp - expected.csv; }; exit ${PIPESTATUS[0]}
# nohup: a signal that is ignored from the start stays ignored.
0 kept_on.csv trap '' HUP; { printf 'id,easting,northing\n1,400500,300500\n'; sleep 1; } | { geojoin $A & pid=$!; sleep 0.5; kill -HUP $pid; wait $pid; }
# A time limit or the machine going down leaves no half file, whatever the signal.
137 - bash $D/interrupt.sh KILL o.csv 2 3000000
  files:
# A GeoPackage being written through memory limits: refused, or whole.
0 limits.csv ([ -n "$SAN" ] || ulimit -v 4000000; geojoin $A -o o.gpkg $D/clean.csv && ogr2ogr -f CSV /vsistdout/ o.gpkg | head -2)
# The file size limit counts as a full disk: no half file (SIGXFSZ, left alone, would end the process in the middle).
1 - awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 20000; i++) printf "%06d,400500,300500\n", i}' > m.csv; (ulimit -f 64; geojoin $A -o o.csv m.csv)
  stderr: cannot write 'o.csv': File too large
  files: m.csv
1 - awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 20000; i++) printf "%06d,400500,300500\n", i}' > m.csv; (ulimit -f 200; geojoin $A -o o.gpkg m.csv)
  stderr: cannot write 'o.gpkg'
  files: m.csv
1 - awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 20000; i++) printf "%06d,400500,300500\n", i}' > m.csv; (ulimit -f 200; geojoin $A -o o.shp m.csv)
  files: m.csv
1 - awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 20000; i++) printf "%06d,400500,300500\n", i}' > m.csv; (ulimit -f 200; geojoin $A -o o.fgb m.csv)
  files: m.csv
1 - awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 20000; i++) printf "%06d,400500,300500\n", i}' > m.csv; (ulimit -f 200; geojoin $A -o o.geojson m.csv)
  files: m.csv
# A directory in which nothing may be written (root may; then skip by another way: a name that is too long).
1 - geojoin $A -o $(printf 'x%.0s' {1..300}).csv $D/clean.csv
  stderr: File name too long
  files:
1 - geojoin $A -o $(printf 'x%.0s' {1..300}).gpkg $D/clean.csv
  files:
# A pipe that is silent holds nobody up: a refusal or a full disk ends the process at once, also when another thread waits for the pipe, and
# records that have come go out. The pipe's writer stays for 20 s; timeout gives 124, after 2 s or under sanitizers 12.
W='mkfifo p; { printf "id,easting,northing\n1,400500,300500\n"; exec sleep 20; } > p & exec timeout ${SAN:+1}2 geojoin'
4 - eval "$W $A -j 1 --release < p"
  stderr: refused
4 - eval "$W $A -j 4 --release -o o.csv < p"
  stderr: refused
  files: p
1 - eval "$W $A -j 2 < p > /dev/full"
  stderr: No space left on device
4 - mkfifo p; { printf 'id,easting,northing,sdc_class\n1,400500,300500,open\n'; sleep 0.5; printf '2,400500,300500,personal\n'; exec sleep 20; } > p & exec timeout ${SAN:+1}3 geojoin --areas $D/areas.geojson --policy $D/open.policy --release -o o.csv < p
  stderr: refused
  files: p
# Whole pieces, as packed output has them: the next one is being waited for when the first is refused.
4 - mkfifo p; { awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 100000; i++) printf "%06d,400500,300500\n", i}'; exec sleep 20; } > p & exec timeout ${SAN:+1}2 geojoin $A -j 3 --release -o o.csv.gz < p
  stderr: refused
  files: p
# Silence in the middle of a row, of a quoted field, of a line end.
0 slow.csv { printf 'id,easting,northing\n1,400500,300500\n2,4'; sleep 0.6; printf '01500,300500\n"3'; sleep 0.6; printf '\n3",400500,300500\r'; sleep 0.6; printf '\n4,400500,300500'; } | geojoin $A -j 3
# Output comes while the pipe is open.
124 slow1.csv mkfifo p; { printf 'id,easting,northing\n1,400500,300500\n2,400'; exec sleep 20; } > p & exec timeout ${SAN:+1}2 geojoin $A < p
