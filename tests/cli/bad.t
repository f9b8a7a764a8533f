# Bad input: the exact status and a piece of the message. The records below carry ZQX in every field that is about somebody; the runner
# fails every case that shows it on standard error.
A=--areas $D/areas.geojson --area-key code:ward
H=id,easting,northing,who

# ---- no table at all ----
1 -   : > e.csv; geojoin $A e.csv
  stderr: 'e.csv' is empty
1 -   geojoin $A < /dev/null
  stderr: standard input' is empty
0 empty_out.csv echo $H | geojoin $A
0 empty_out.csv printf $H | geojoin $A
1 -   geojoin $A none.csv
  stderr: cannot open 'none.csv': No such file
1 -   geojoin --areas none.gpkg --area-key c $D/clean.csv
  stderr: cannot open 'none.gpkg': No such file
1 -   geojoin --lookup none.csv --on id $D/clean.csv
  stderr: cannot open 'none.csv'
1 -   mkdir d.csv; geojoin $A d.csv
  stderr: 'd.csv' is a directory
1 -   mkdir d; geojoin $A d
  stderr: 'd' is a directory
1 -   geojoin $A < /
  stderr: directory
1 -   : > e.gpkg; geojoin $A e.gpkg
  stderr: 'e.gpkg' is empty
1 -   : > e.geojson; geojoin --areas e.geojson --area-key c $D/clean.csv
  stderr: 'e.geojson' is empty
# Binary rubbish, the same every time.
1 -   awk 'BEGIN {srand(7); for (i = 0; i < 4000; i++) printf "%c", int(rand() * 256)}' > b.csv; geojoin $A b.csv
  stderr: 'b.csv'
1 -   printf 'PK\003\004\000\000\000\000ZQX,' > b.csv; geojoin $A b.csv
  stderr: is not text
1 -   printf "$H\n1,400500,300500,ZQX\000\n" > b.csv; geojoin $A b.csv
  stderr: 'b.csv' is not text
1 -   awk 'BEGIN {srand(7); for (i = 0; i < 4000; i++) printf "%c", int(rand() * 256)}' > b.gpkg; geojoin $A b.gpkg
  stderr: b.gpkg
1 -   printf 'SQLite format 3\000ZQX rubbish' > b.gpkg; geojoin --areas b.gpkg --area-key c $D/clean.csv
  stderr: b.gpkg
1 -   awk 'BEGIN {srand(7); for (i = 0; i < 4000; i++) printf "%c", int(rand() * 256)}' > b.fgb; geojoin $A b.fgb
  stderr: b.fgb
1 -   head -c 700 $D/areas.geojson > cut.geojson; geojoin --areas cut.geojson --area-key code $D/clean.csv
  stderr: cut.geojson
# A GeoPackage cut at several lengths: never 0, never a crash.
1 -   awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 20000; i++) printf "%d,%d,%d\n", i, 400000 + i % 2000, 300000 + i % 1999}' > m.csv; ogr2ogr -f GPKG m.gpkg m.csv -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -a_srs EPSG:27700; s=0; for n in 10 100 1024 4096 20000 65536 200000 500000 1000000; do head -c $n m.gpkg > t$n.gpkg; geojoin $A -q -o t.csv t$n.gpkg; r=$?; [ $r = 1 ] || s=$n:$r; [ ! -e t.csv ] || s=file; done 2> err; cat err >&2; [ $s = 0 ] || { echo $s; exit 99; }; exit 1
1 -   awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 20000; i++) printf "%d,%d,%d\n", i, 400000 + i % 2000, 300000 + i % 1999}' | gzip > m.csv.gz; head -c 30000 m.csv.gz > t.csv.gz; geojoin $A -o o.csv t.csv.gz
  stderr: 't.csv.gz' is a gzip file that was cut short
  files: m.csv.gz t.csv.gz
1 -   ogr2ogr -f FlatGeobuf f.fgb $D/areas.geojson; head -c 900 f.fgb > t.fgb; geojoin --areas t.fgb --area-key code $D/clean.csv
  stderr: t.fgb
1 -   ogr2ogr -lco ENCODING=UTF-8 -f 'ESRI Shapefile' s.shp $D/areas.geojson; head -c 300 s.shp > t.shp; cp s.shx t.shx; cp s.dbf t.dbf; geojoin --areas t.shp --areas-crs EPSG:27700 --area-key code $D/clean.csv
  stderr: t.shp

# ---- names that are not there ----
2 -   geojoin --areas $D/areas.geojson --area-key cod $D/clean.csv
  stderr: no field 'cod' (is it 'code'?)
2 -   geojoin $A --area-fields nmae $D/clean.csv
  stderr: (is it 'name'?)
2 -   geojoin --areas $D/areas.geojson --area-key zzzzzzzz $D/clean.csv
  stderr: there are: code, name, rank, share
2 -   geojoin --lookup $D/postcodes.csv --on pc=postcod $D/addresses.csv
  stderr: (is it 'postcode'?)
2 -   geojoin --lookup $D/postcodes.csv --on pcc=postcode $D/addresses.csv
  stderr: (is it 'pc'?)
2 -   geojoin --lookup $D/postcodes.csv --on pc=postcode --fields lsao $D/addresses.csv
  stderr: (is it 'lsoa'?)
2 -   geojoin $A --count --sum spent $D/visits.csv
  stderr: (is it 'spend'?)
2 -   geojoin $A --count --by services $D/visits.csv
  stderr: (is it 'service'?)
2 -   geojoin $A -x eastin -y northing --crs EPSG:27700 $D/clean.csv
  stderr: (is it 'easting'?)
2 -   geojoin $A -x easting --crs EPSG:27700 $D/clean.csv
  stderr: --x and --y go together
2 -   geojoin $A --geometry-field shap --crs EPSG:27700 $D/clean.csv
  stderr: no field 'shap'
2 -   geojoin $A $D/addresses.csv
  stderr: has no columns named easting and northing
2 -   geojoin $A --layer x $D/clean.csv
  stderr: --layer does not work on CSV
2 -   geojoin $A --where 'id > 1' $D/clean.csv
  stderr: does not understand the filter
2 -   ogr2ogr -f GPKG a.gpkg $D/areas.geojson -nln wards && geojoin --areas a.gpkg:ward --area-key code $D/clean.csv
  stderr: has no layer 'ward'; there are: wards
2 -   ogr2ogr -f GPKG a.gpkg $D/areas.geojson -nln wards && ogr2ogr -update a.gpkg $D/areas.geojson -nln parishes && geojoin --areas a.gpkg --area-key code $D/clean.csv
  stderr: has 2 layers, name one (FILE:LAYER, --layer, or tables=NAME in a PG: connection): wards, parishes
2 -   ogr2ogr -f GPKG r.gpkg $D/areas.geojson && geojoin $A --where 'ZQ+' r.gpkg
  stderr: does not understand the filter
2 -   geojoin --areas $D/postcodes.csv --area-key postcode $D/clean.csv
  stderr: has no columns named easting and northing
2 -   geojoin $A --areas $D/areas.geojson --area-key code:ward $D/clean.csv
  stderr: there is a field 'ward' already
2 -   geojoin --areas $D/areas.geojson --area-key code:NOTE $D/clean.csv
  stderr: there is a field 'NOTE' already

# ---- places ----
# Degrees taken for metres, latitude and longitude exchanged: nothing matches, and the hint says what may be wrong.
3 *   printf 'id,x,y\n1,-1.994,52.602\n2,-1.98,52.611\n' | geojoin $A --crs EPSG:27700
  stderr: read as longitude and latitude the records would be in the areas: say --crs OGC:CRS84
3 *   printf 'id,lat,lon\n1,-1.994,52.602\n2,-1.98,52.611\n' | geojoin $A
  stderr: are the two columns swapped
3 *   printf 'id,easting,northing\n1,300500,400500\n2,300500,401500\n' | geojoin $A
  stderr: are the two columns swapped
3 *   printf 'id,x,y\n1,52.602,-1.994\n' | geojoin $A --crs EPSG:27700
  stderr: read as latitude and longitude
3 *   printf 'id,lon,lat\n1,400500,300500\n' | geojoin $A
  stderr: read as National Grid the records would be in the areas: say --crs EPSG:27700
1 -   printf 'id,x,y\n1,400500,300500\n' | geojoin $A
  stderr: do not say what they are: add --crs
1 -   geojoin $A --crs EPSG:99999 $D/clean.csv
  stderr: 'EPSG:99999' is no coordinate reference system
1 -   geojoin $A --out-crs nonsense $D/clean.csv
  stderr: 'nonsense' is no coordinate reference system
1 -   geojoin --areas $D/areas.geojson --areas-crs nonsense --area-key code $D/clean.csv
  stderr: 'nonsense' is no coordinate reference system
1 -   ogr2ogr -f CSV a.csv $D/areas.geojson -lco GEOMETRY=AS_WKT && geojoin --areas a.csv --area-key code $D/clean.csv
  stderr: --areas-crs
# Coordinates that are none: kept, without an area, told by line.
3 bad_points.csv printf "$H\n1,400500,300500,a\n2,nan,300500,b\n3,inf,-inf,c\n4,,,d\n5,400500,,e\n6,ZQX,ZQX,f\n7,0x61A80,300500,g\n8,\"400,500\",300500,h\n9,1e999,300500,i\n10, 400500 ,300500,j\n" | geojoin $A
  stderr: 7 records have coordinates that cannot be read: lines 3, 4, 6, 7, 8 and 2 more
  stderr: 1 record has no coordinates: line 5
3 bad_wkt.csv printf 'id,wkt\n1,POINT EMPTY\n2,\n3,POINT (400500 300500) ZQX\n4,"POLYGON ((400500 300500,400600 300500,400600 300600,400500 300500))"\n5,POINT (nan 300500)\n6,MULTIPOINT ((400500 300500))\n7,"LINESTRING (400500 300500,ZQX"\n8,POINT (400500 300500)\n9,"MULTIPOINT ((400500 300500),(1 1))"\n10,CIRCULARSTRING EMPTY\n' | geojoin $A --crs EPSG:27700
  stderr: no coordinates: lines 2 and 3
  stderr: is no point or polygon: line 10
3 null_geometry.csv printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":1},"geometry":null},{"type":"Feature","properties":{"id":2},"geometry":{"type":"Point","coordinates":[]}},{"type":"Feature","properties":{"id":3},"geometry":{"type":"Point","coordinates":[-1.994,52.602]}},{"type":"Feature","properties":{"id":4},"geometry":{"type":"GeometryCollection","geometries":[]}}]}' > n.geojson; geojoin $A n.geojson
  stderr: 2 records have no coordinates: features 1 and 2
# Areas that cannot hold anything are named, and so are tangled ones; the rest works.
0 empty_areas.csv printf 'code,wkt\nA,"POLYGON((0 0,10 0,10 10,0 10,0 0))"\nB,\nC,POLYGON EMPTY\nD,"LINESTRING(0 0,1 1)"\nE,"POLYGON((20 0,30 10,30 0,20 10,20 0))"\n' > a.csv; printf 'easting,northing\n5,5\n21,5\n25,9\n' | geojoin --areas a.csv --areas-crs EPSG:27700 | head -3
  stderr: 'a.csv' has 3 of 5 areas without a polygon, so nothing can be in them: B, C, D
  stderr: 'a.csv' has 1 of 5 areas with rings that cross, touch or hold each other where they must not, read even-odd: E
1 -   printf 'code,wkt\nA,"POLYGON((0 0,10 0,10 10,0 10,0 0))"\nB,"POLYGON((10 0,20 0,20 10,10 10,10 0))"\nA,"POLYGON((20 0,30 0,30 10,20 10,20 0))"\n' > a.csv; geojoin --areas a.csv --areas-crs EPSG:27700 $D/clean.csv
  stderr: 'A' stands twice in field 'code' of 'a.csv' (areas 1 and 3)
1 -   printf 'code,wkt\nA,"POLYGON((0 0,10 0,10 10,0 10,0 0))"\n,"POLYGON((10 0,20 0,20 10,10 10,10 0))"\n' > a.csv; geojoin --areas a.csv --areas-crs EPSG:27700 $D/clean.csv
  stderr: area 2 of 'a.csv' has no 'code'
1 -   echo code,wkt > a.csv; geojoin --areas a.csv --areas-crs EPSG:27700 $D/clean.csv
  stderr: 'a.csv' has no areas
# In two areas: the one whose key sorts first, said, and no failure.
0 overlap.csv printf 'code,wkt\nB,"POLYGON((0 0,10 0,10 10,0 10,0 0))"\nA,"POLYGON((5 0,20 0,20 10,5 10,5 0))"\n' > a.csv; printf 'easting,northing\n7,7\n2,2\n12,2\n' | geojoin --areas a.csv --areas-crs EPSG:27700
  stderr: 1 record is in more than one area

# ---- text ----
3 ragged.csv printf "$H\n1,400500,300500,a\n2,400500,300500\n3,400500,300500,ZQX,ZQX\n4,400500,300500,b\nZQX\n" | geojoin $A
  stderr: 3 records have another number of fields than the header and are left out: lines 3, 4 and 6
3 quotes.csv printf "$H\n1,400500,300500,\"a\"ZQX\n2,400500,300500,\"two\nlines\"\n3,400500,300500,in \"side\n4,400500,300500,\"\"\n" | geojoin $A
  stderr: 1 record has text after a closing quote and is left out: line 2
1 -   printf "$H\n1,400500,300500,a\n2,400500,300500,\"ZQX\n3,400500,300500,c\n" > q.csv; geojoin $A -o o.csv q.csv
  stderr: line 3: a quoted field of 'q.csv' is never closed
  files: q.csv
1 -   printf "$H\n1,400500,300500,ZQX\n2,400500,300500,ZQX\355\240\200\n" > u.csv; geojoin $A -o o.csv u.csv
  stderr: line 3: 'u.csv' is not UTF-8; if it came from Windows or Excel, say --encoding windows-1252
  files: u.csv
1 -   printf "id,easting,northing,caf\351\n1,400500,300500,ZQX\n" > w.csv; geojoin $A w.csv
  stderr: is not UTF-8
0 cp1252.csv printf "id,easting,northing,caf\351\n1,400500,300500,\200 5 \226 Ren\351e\n" > w.csv; geojoin $A --encoding windows-1252 w.csv
# One field of 10 MB goes through whole.
0 -   { printf "$H\n1,400500,300500,"; head -c 10000000 /dev/zero | tr '\0' Z; printf '\n2,400500,300500,b\n'; } > f.csv; geojoin $A f.csv > o.csv && test "$(wc -c < o.csv)" = 10000100 && test "$(wc -l < o.csv)" = 3
0 -   { printf "$H\n1,400500,300500,\""; head -c 10000000 /dev/zero | tr '\0' '\n'; printf '"\n2,400500,300500,b\n'; } > f.csv; geojoin $A -j 3 f.csv > o.csv && test "$(wc -l < o.csv)" = 10000003
0 -   head -c 30000 /dev/zero | sed 's/\x00/c&,/g' | tr '\0' x > h.csv; { tr -d '\n' < h.csv; echo easting,northing; tr -d '\n' < h.csv; echo 400500,300500; } > wide.csv; geojoin $A wide.csv | wc -l | grep -q '^2$'
# A lookup with the same key twice, and rows that do not fit.
0 repeated.csv printf 'k,v\na,1\nb,2\na,1\na,3\n' > l.csv; printf 'id,k\n1,a\n2,b\n' | geojoin --lookup l.csv --on k
  stderr: 1 row of lookup 'l.csv' repeats an earlier key with other values
0 repeated.csv printf 'k,v\na,1\nZQX\nb,2\n' > l.csv; printf 'id,k\n1,a\n2,b\n' | geojoin --lookup l.csv --on k
  stderr: 1 row of lookup 'l.csv' does not fit its header

# ---- output ----
1 -   geojoin $A -o no/such/o.csv $D/clean.csv
  stderr: cannot write 'no/such/o.csv': No such file or directory
  files:
1 -   geojoin $A -o no/such/o.gpkg $D/clean.csv
  stderr: cannot write 'no/such/o.gpkg': No such file or directory
  files:
2 -   echo old > o.csv; geojoin $A -o o.csv $D/clean.csv
  stderr: 'o.csv' exists: add --force to replace it
2 kept.txt echo old > o.gpkg; geojoin $A -o o.gpkg $D/clean.csv; s=$?; cat o.gpkg; exit $s
  stderr: 'o.gpkg' exists
2 -   mkdir o.csv; geojoin $A -o o.csv --force $D/clean.csv
  stderr: it is a directory
2 -   mkdir o.gpkg; geojoin $A -o o.gpkg --force $D/clean.csv
  stderr: it is a directory
2 -   geojoin $A -o o.xyz $D/clean.csv
  stderr: no format that can be written is called 'o.xyz'
2 -   geojoin $A --format nonsense -o o.csv $D/clean.csv
  stderr: no format that can be written is called 'nonsense'
2 -   geojoin $A --format GPKG $D/clean.csv
  stderr: cannot go through a pipe
# The files beside a shapefile are somebody's, too.
2 kept.txt echo old > o.dbf; geojoin $A -o o.shp $D/clean.csv; s=$?; cat o.dbf; exit $s
  stderr: exists: add --force to replace it
  files: o.dbf
# What an older shapefile or GeoPackage left would be read together with the new one: never beside it. Labels and styles are somebody's.
2 -   echo old > o.qix; geojoin $A -o o.shp $D/clean.csv
  stderr: 'o.shp' or a file that belongs to it exists: add --force to replace it
  files: o.qix
0 -   touch o.shp o.dbf o.qix o.sbn o.cpg o.qml o.shp.xml o.sdc; geojoin $A --force -o o.shp $D/clean.csv
  files: o.cpg o.dbf o.prj o.qml o.sdc o.shp o.shp.xml o.shx
0 srs.txt ogr2ogr -f GPKG -nln o o.gpkg $D/areas.geojson; echo ZQX > o.gpkg-wal; geojoin $A --force -o o.gpkg $D/clean.csv; for i in 1 2 3 4; do gdalsrsinfo -o epsg o.gpkg | grep EPSG; done
  files: o.gpkg
2 -   echo ZQX > o.gpkg-wal; geojoin $A -o o.gpkg $D/clean.csv
  stderr: belongs to it exists
  files: o.gpkg-wal
2 -   mkdir o.dbf; geojoin $A --force -o o.shp $D/clean.csv
  stderr: something that is no file has the name of a file that belongs to it
  files: o.dbf
# What replaces a file can be read by those who could read the old one, and by no others; so can a file that is new beside it.
0 -   touch o.csv o.gpkg o.shp o.geojson; chmod 600 o.*; for e in csv gpkg shp geojson; do geojoin $A --force -o o.$e $D/clean.csv; done; ls -l o.* | grep -v '^-rw------- '; true
0 -   touch o.csv o.shp; chmod 640 o.csv; chmod 640 o.shp; geojoin $A --force -o o.csv $D/clean.csv; geojoin $A --force -o o.shp $D/clean.csv; ls -l o.* | grep -v '^-rw-r----- '; true
# A link is followed, never replaced, whatever it leads to: the file behind it is what exists and what is written.
2 kept.txt echo old > real.csv; ln -s real.csv o.csv; geojoin $A -o o.csv $D/clean.csv; s=$?; cat real.csv; exit $s
  stderr: 'o.csv' exists: add --force to replace it
0 clean.csv mkdir d; echo old > d/real.csv; ln -s d/real.csv o.csv; geojoin $A --force -o o.csv $D/clean.csv; test -L o.csv && cat d/real.csv
  files: d o.csv
0 srs.txt mkdir d; touch d/r.gpkg; ln -s d/r.gpkg o.gpkg; geojoin $A --force -o o.gpkg $D/clean.csv; for i in 1 2 3 4; do gdalsrsinfo -o epsg d/r.gpkg | grep EPSG; done
  files: d o.gpkg
2 -   ln -s none.csv o.csv; geojoin $A --force -o o.csv $D/clean.csv
  stderr: 'o.csv': it is a link to nothing
  files: o.csv
# What is open already is written to, be it a file, and keeps what stands in it.
0 -   for o in /dev/stdout /dev/fd/1 /proc/self/fd/1; do { echo first; geojoin $A -o $o $D/clean.csv; } > o.csv; { echo first; geojoin $A $D/clean.csv; } | cmp - o.csv || exit 9; done; geojoin $A -o /dev/fd/5 $D/clean.csv 5> o.csv; geojoin $A -o /dev/stderr $D/clean.csv 2> o2.csv; geojoin $A $D/clean.csv | cmp - o.csv; cmp o.csv o2.csv
  files: o.csv o2.csv
1 -   geojoin $A -o /dev/fd/77 $D/clean.csv
  stderr: cannot write '/dev/fd/77': Bad file descriptor
2 kept.txt { echo old; geojoin $A --format GPKG --force -o /dev/stdout $D/clean.csv; } > o.gpkg; s=$?; cat o.gpkg; exit $s
  stderr: needs a file, not a pipe or device
# A format that writes a directory: whole, refused where there is one, nothing left of a failure.
0 -   geojoin $A --format OpenFileGDB -o o.gdb $D/clean.csv && ogrinfo -q o.gdb | grep -q 'o (Point)'
  files: o.gdb
2 -   mkdir o.gdb; geojoin $A --format OpenFileGDB --force -o o.gdb $D/clean.csv
  stderr: cannot write 'o.gdb': it is a directory, and none is ever replaced
  files: o.gdb
4 -   geojoin $A --release --format OpenFileGDB -o o.gdb $D/clean.csv
  files:
1 -   printf "$H\n1,400500,300500\n2,400500,300500,\"open\n" > r.csv; geojoin $A --format OpenFileGDB -o o.gdb r.csv
  files: r.csv
# Databases, memory and programs are no file formats.
2 -   geojoin $A --format Memory -o o.x $D/clean.csv
  stderr: no format that can be written is called 'Memory'
  files:
2 -   geojoin $A --format MySQL -o o.x $D/clean.csv
  stderr: no format that can be written is called 'MySQL'
2 -   geojoin $A --format GPSBabel -o o.x $D/clean.csv
  stderr: no format that can be written is called 'GPSBabel'
# Tables of PostGIS (tests/cli/postgis has those that need a server). No message shows a connection, which may hold a password.
2 -   geojoin $A -o 'PG:dbname=gis password=ZQX' $D/clean.csv
  stderr: which table of the PostGIS database? add tables=NAME or tables=SCHEMA.NAME
2 -   geojoin $A -o 'PG:dbname=gis tables=a,b' $D/clean.csv
  stderr: one name, without commas or brackets
2 -   geojoin $A -o 'PG:dbname=gis password=one ZQX tables=a' $D/clean.csv
  stderr: which table of the PostGIS database?
1 -   geojoin $A -o 'PG:dbname=gis password=one ZQX=2 tables=a' $D/clean.csv
  stderr: the connection is malformed
1 -   geojoin $A -o "PG:host=/nowhere password='ZQX tables=b' tables = a" $D/clean.csv
  stderr: cannot write table 'a' of the PostGIS database: PQconnectdb failed
1 -   geojoin $A 'PG:host=/nowhere password=ZQX tables=a'
  stderr: cannot open 'the PostGIS database' as a table: PQconnectdb failed
1 -   geojoin --areas 'PG:password=ZQX ZQX tables=a' $D/clean.csv
  stderr: cannot open 'the PostGIS database' as a table: the connection is malformed
1 -   geojoin $A 'postgresql://me:ZQX@/gis?host=/nowhere'
  stderr: cannot open 'the PostGIS database' as a table
1 -   geojoin $A 'MSSQL:server=x;pwd=ZQX;'
  stderr: cannot open 'the database' as a table
2 -   geojoin $A --format PostgreSQL -o o.x $D/clean.csv
  stderr: no format that can be written is called 'PostgreSQL'
# Whatever the name of the table ends in, whatever is forgotten or wrong besides: no file is looked for or made, no password shown.
1 -   geojoin $A 'PG:host=/nowhere password=ZQX tables=public.csv'
  stderr: cannot open 'the PostGIS database' as a table: PQconnectdb failed
1 -   geojoin $A --layer x 'PG:host=/nowhere password=ZQX tables=public.csv'
  stderr: cannot open 'the PostGIS database' as a table
2 -   geojoin $A --x a --y b 'PG:host=/nowhere password=ZQX tables=a'
  stderr: --x and --y name columns of CSV, and 'the PostGIS database' is none
1 -   geojoin $A 'host=/nowhere password = ZQX tables=public.csv'
  stderr: cannot open 'the database' as a table: no format that GDAL knows fits it (connections to PostGIS start with PG:)
1 -   geojoin $A 'dbname=gis password=ZQX'
  stderr: cannot open 'the database' as a table
1 -   geojoin --areas 'pg:host=/nowhere password=a:ZQX' $D/clean.csv
  stderr: cannot open 'the PostGIS database' as a table
1 -   geojoin $A --policy 'PG:password=ZQX' $D/clean.csv
  stderr: cannot open policy 'the PostGIS database'
2 -   geojoin $A $D/clean.csv 'PG:dbname=gis password=ZQX'
  stderr: one operand too many: 'the PostGIS database'
2 -   for t in b.csv b.gpkg b; do geojoin $A -o "dbname=gis password=ZQX tables=$t" $D/clean.csv; done; geojoin $A --format csv -o "dbname=gis password=ZQX" $D/clean.csv
  stderr: 'the database' cannot be written: tables of PostGIS have names that start with PG:
  stderr: a table of a database is no file
  files:
1 -   geojoin $A -o 'PG:host=/nowhere password=ZQX tables=public.csv' $D/clean.csv
  stderr: cannot write table 'csv' of the PostGIS database
  files:
# A pipe or a device is never replaced by a file.
2 -   mkfifo o.gpkg; geojoin $A -o o.gpkg $D/clean.csv; s=$?; test -p o.gpkg || exit 99; exit $s
  stderr: o.gpkg
2 -   mkfifo o.gpkg; geojoin $A --force -o o.gpkg $D/clean.csv; s=$?; test -p o.gpkg || exit 99; exit $s
  stderr: o.gpkg
1 -   geojoin $A $D/clean.csv > /dev/full
  stderr: cannot write 'standard output': No space left on device
1 -   geojoin $A -o /dev/full $D/clean.csv
  stderr: cannot write '/dev/full': No space left on device
1 -   geojoin $A --count $D/clean.csv > /dev/full
  stderr: No space left on device
1 -   geojoin $A $D/clean.csv >&-
  stderr: cannot write 'standard output': Bad file descriptor
1 -   geojoin $A - <&-
  stderr: Bad file descriptor
# Notes never land in a file: standard error closed.
3 -   geojoin $A -o o.csv $D/points.csv 2>&-; s=$?; ! grep -q geojoin o.csv || exit 99; exit $s

# Control characters in names do nothing to a terminal, nor do they feign a line: C0, DEL and C1.
1 -   geojoin $A $'no\e[2Jne\n\x7f\xc2\x9b.csv'
  stderr: cannot open 'no?[2Jne???.csv': No such file
1 -   geojoin $A $'caf\xc3\xa9.csv'
  stderr: cannot open 'café.csv': No such file

# ---- usage ----
2 -   geojoin
  stderr: say what to join to
2 -   geojoin --no-such-option
  stderr: there is no option --no-such-option
2 -   geojoin -Z
  stderr: there is no option -Z
2 -   geojoin $A -o
  stderr: -o needs a value: FILE
2 -   geojoin $A --output
  stderr: --output needs a value: FILE
2 -   geojoin $A --threads 3x $D/clean.csv
  stderr: --threads takes a whole number from 1 to 1024
2 -   geojoin $A -j 0 $D/clean.csv
  stderr: --threads takes a whole number from 1 to 1024
2 -   geojoin $A -j '' $D/clean.csv
  stderr: --threads takes a whole number
2 -   geojoin $A -j 99999999999999999999 $D/clean.csv
  stderr: --threads takes a whole number
2 -   geojoin $A $D/clean.csv $D/points.csv
  stderr: one operand too many
2 -   geojoin $A --unmatched maybe $D/clean.csv
  stderr: --unmatched must be one of: keep, drop, only
2 -   geojoin $A --force=yes $D/clean.csv
  stderr: --force takes no value
2 -   geojoin $A --sum spend $D/visits.csv
  stderr: go with --count
2 -   geojoin $A --count --sum spend,,hours $D/visits.csv
  stderr: names separated by commas
2 -   geojoin $A --area-fields name,,share $D/clean.csv
  stderr: names separated by commas
2 -   geojoin $A --area-fields name: $D/clean.csv
  stderr: FIELD:NEW
2 -   geojoin --area-key code $D/clean.csv
  stderr: belongs to the --areas before it
2 -   geojoin $A --on id $D/clean.csv
  stderr: belongs to the --lookup before it
2 -   geojoin --lookup $D/uprns.csv $D/assets.csv
  stderr: --lookup needs --on
2 -   geojoin --areas - $D/clean.csv
  stderr: only the records can come from standard input
0 *   geojoin --help
  stdout: usage: geojoin
0 *   geojoin -h
  stdout: usage: geojoin
0 *   geojoin --version
  stdout: geojoin (libgeo)
# A quote in the header that is never closed would take every record for part of a name.
1 -   printf 'id,"name\n1,ZQX\n2,ZQX\n' > q.csv; geojoin --lookup $D/codes.csv --on id=code -o o.csv q.csv
  stderr: a quoted name in the header of 'q.csv' is never closed
  files: q.csv
# The column of classes is known by its name whatever cannot be seen in it.
1 -   printf 'id,sdc_class\302\240\n1,special\n' > q.csv; geojoin --lookup $D/codes.csv --on id=code q.csv
  stderr: called sdc_class but for blanks or marks in its name
1 -   printf '\357\273\277\357\273\277sdc_class,id\nspecial,1\n' > q.csv; geojoin --lookup $D/codes.csv --on id=code q.csv
  stderr: called sdc_class but for blanks or marks in its name
# Blank lines cost nothing: a million of them under 20,000 columns.
3 -   { seq -s, 20000 | sed 's/[0-9]*/c&/g'; seq -s, 20000; yes '' | head -n 1000000; } > w.csv; ([ "${BUILD_DIR##*/}" = san ] || ulimit -v 4000000; geojoin --lookup $D/codes.csv --on c1=code --class open -q -o o.geojson w.csv)
  needs: seq
# Areas: what is wrong with them is said at load, by their codes; by their numbers where somebody has said that they are about people.
1 -   printf 'code,wkt\nA,POINT (1 1)\n' > a.csv; geojoin --areas a.csv --areas-crs EPSG:27700 $D/clean.csv
  stderr: 'a.csv' has no polygons, so nothing can be in its areas
1 -   sed 's/"crs":{[^}]*}}, *//;s/,"crs":{[^}]*}}//' $D/areas.geojson > a.geojson; geojoin --areas a.geojson --area-key code $D/clean.csv
  stderr: the coordinates of 'a.geojson' are no degrees, which its reference system says they are: say --areas-crs (EPSG:27700
0 *   printf 'code,wkt\nB,"POLYGON((0 0,100 0,100 100,0 100,0 0))"\nA,"POLYGON((50 0,200 0,200 100,50 100,50 0))"\n' > a.csv; printf 'easting,northing\n2,2\n' | geojoin --areas a.csv --areas-crs EPSG:27700
  stderr: areas of 'a.csv' overlap, B and A for two
1 -   printf 'who,wkt,sdc_class\nZQX,"POLYGON((0 0,1 0,1 1,0 0))",special\nZQX,"POLYGON((5 0,6 0,6 1,5 0))",special\n' > a.csv; geojoin --areas a.csv --areas-crs EPSG:27700 $D/clean.csv
  stderr: one key stands twice in field 'who' of 'a.csv' (areas 1 and 2)
3 *   printf 'who,wkt\nZQX,"POLYGON((0 0,1 1,1 0,0 1,0 0))"\n' > a.csv; geojoin --areas a.csv --areas-crs EPSG:27700 --class special $D/clean.csv
  stderr: 'a.csv' has 1 of 1 areas with rings that cross, touch or hold each other where they must not, read even-odd: number 1
# Rings in the wrong place, as GEOS has it (ST_IsValid: A, B and C are not valid, D, E and F are).
3 *   printf 'code,wkt\nA,"MULTIPOLYGON(((2 1,4 1,4 5,3 5,2 5,2 1)),((3 2,4 2,5 2,5 6,4 6,3 6,3 2)))"\nB,"MULTIPOLYGON(((20 0,30 0,30 10,20 10,20 0)),((22 2,24 2,24 4,22 4,22 2)))"\nC,"POLYGON((40 0,50 0,50 10,40 10,40 0),(60 0,61 0,61 1,60 0))"\nD,"MULTIPOLYGON(((70 0,80 0,80 10,70 10,70 0),(72 2,78 2,78 8,72 8,72 2)),((74 4,76 4,76 6,74 6,74 4)))"\nE,"MULTIPOLYGON(((90 0,95 0,95 5,90 5,90 0)),((95 5,99 5,99 9,95 9,95 5)))"\nF,"POLYGON((0 20,10 20,10 30,0 30,0 20),(0 20,4 22,2 24,0 20))"\n' > a.csv; geojoin --areas a.csv --areas-crs EPSG:27700 $D/clean.csv
  stderr: 'a.csv' has 3 of 6 areas with rings that cross, touch or hold each other where they must not, read even-odd: A, B, C
# A lookup whose class cannot be read is special, and that is said.
0 special_lookup.csv printf 'k,v,sdc_class\na,1,secrett\n' > l.csv; printf 'id,k\n1,a\n' | geojoin --lookup l.csv --on k --fields v
  stderr: 1 row of 'l.csv' has an sdc_class that is none, so the table counts as special
# Two steps, one fault: a record is told once. Coordinates that have no place in the output's system are told, too.
3 *   printf 'id,easting,northing\n1,1,1\n2,400500,300500\n3,,\n' | geojoin $A --areas $D/areas.geojson --area-key code:again
  stderr: 1 record is in none of the areas: line 2
  stderr: 1 record has no coordinates: line 4
3 unmoved.csv printf 'id,lon,lat\n1,-1.994,52.602\n2,-1,95\n' > p.csv; printf 'id,v\n1,a\n2,b\n' > l.csv; geojoin --lookup l.csv --on id --out-crs EPSG:27700 p.csv | awk -F, -v OFS=, 'NR > 1 && $4 {$4 = sprintf("%.0f", $4); $5 = sprintf("%.0f", $5)} {print}'; exit ${PIPESTATUS[0]}
  stderr: 1 record has coordinates that cannot be moved to --out-crs and are left out: line 3
2 -   geojoin $A --count --all-areas --unmatched only $D/clean.csv
  stderr: cannot both be
