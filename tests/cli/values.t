# Values on their way through: dates, times with their zones, long numbers, shapes, ids. What comes out is what went in.
A=--areas $D/areas.geojson --area-key code:ward

# Times keep their fraction and their zone; GeoJSON as it was written, GeoPackage as GDAL stores it. (RFC 3339 by eye against the input.)
0 times.csv      ogr2ogr -f GPKG t.gpkg $D/times.geojson 2> log; for e in $D/times.geojson t.gpkg; do geojoin $A --keep id,at,day,clock,flag $e; done
0 times.csv      geojoin $A -q -o t2.gpkg $D/times.geojson; geojoin --areas $D/areas.geojson --area-key code:w2 --keep id,at,day,clock,flag,ward t2.gpkg | cut -d, -f1-6,8 | tee once; cat once
# Days before 1970 (record batches of GDAL 3.6 put them one day late), in layers that hold nothing else.
0 old_days.csv   printf 'id,born,easting,northing\na,1969-12-31,400500,300500\nb,1900-01-01,401500,300500\nc,1970-01-01,400500,301500\n' > r.csv; for e in geojson gpkg fgb shp; do geojoin $A -o r.$e r.csv; geojoin --areas $D/areas.geojson --area-key code:w2 --format csv --keep id,born r.$e; done
# Dates, numbers beyond 2^53 and decimals as keys and as categories: they match their text, and do not run together.
0 -              printf 'id,day,long,real,easting,northing\n1,2024-02-29,9007199254740993,1.5,400500,300500\n2,2024-03-01,9007199254740992,2.5,400500,300500\n' > r.csv; geojoin $A -o r.gpkg r.csv
0 by_values.csv  printf 'id,day,long,real,easting,northing\n1,2024-02-29,9007199254740993,1.5,400500,300500\n2,2024-03-01,9007199254740992,2.5,400500,300500\n' > r.csv; geojoin $A -o r.gpkg r.csv; for f in day long real; do geojoin --areas $D/areas.geojson --area-key code:w2 --count --by $f r.gpkg; done
0 key_values.csv printf 'id,day,long,real,easting,northing\n1,2024-02-29,9007199254740993,1.5,400500,300500\n2,2024-03-01,9007199254740992,2.5,400500,300500\n' > r.csv; geojoin $A -o r.gpkg r.csv; printf 'k,v\n2024-02-29,leap\n2024-03-01,march\n9007199254740992,even\n9007199254740993,odd\n1.5,small\n2.5,large\n' > l.csv; for f in day long real; do geojoin --lookup l.csv --on $f=k --keep id r.gpkg; done
2 -              ogr2ogr -f GPKG a.gpkg $D/areas.geojson && geojoin --lookup a.gpkg --on id=geom $D/clean.csv
  stderr: field 'geom' is a geometry, so it cannot be a key
# Values of --by that differ only in capital letters: two columns of CSV, and no GeoPackage.
0 by_case.csv    printf 'kind,easting,northing\nPark,400500,300500\npark,400500,300500\npark,400500,300500\n' | geojoin $A --count --by kind
2 -              printf 'kind,easting,northing\nZQX,400500,300500\nzqx,400500,300500\n' | geojoin $A --count --by kind -o c.gpkg
  stderr: differ only in capital letters
  files:
1 -              printf 'v,easting,northing\n1e308,400500,300500\n1e308,400500,300500\n' | geojoin $A --count --sum v
  stderr: the sum of field 'v' has gone beyond the largest number there is
# Names of fields in another letter case, of the records and attached.
0 any_case.csv   printf 'WARD,town\nE01,Aldertown\nE02,Birchtown\nE03,Cedar\nE04,Llyn\n' > w.csv; geojoin $A --lookup w.csv --on Ward --keep ID $D/clean.csv
# A field whose own name has a colon takes a new one.
0 colon.csv      printf 'k,a:b\nE01,x\nE02,y\nE03,z\nE04,w\n' > w.csv; geojoin $A --lookup w.csv --on ward=k --fields a:b:ab --keep id $D/clean.csv

# Feature ids: a column when asked for by name.
0 fid.csv        ogr2ogr -f GPKG p.gpkg $D/postcodes.csv && printf 'n,x\n1,a\n3,c\n2,b\n' > l.csv && geojoin --lookup l.csv --on fid=n --keep fid,postcode -q p.gpkg | sort
2 -              ogr2ogr -f GeoJSON p.geojson $D/postcodes.csv && geojoin --lookup $D/deprivation.csv --on lsoa=lsoa_code --keep fid p.geojson
  stderr: no field 'fid'

# Shapes become well-known text in CSV, whatever their kind, and are read back (GDAL's own text of the same shapes: the second golden file).
0 shapes.csv     printf 'kind,v\npoint,1\nline,2\npolygon,3\nmultipoint,4\nmultiline,5\nmultipolygon,6\nnone,7\n' > l.csv; geojoin --lookup l.csv --on kind --class open $D/shapes.geojson
0 -              printf 'kind,v\npoint,1\nline,2\npolygon,3\nmultipoint,4\nmultiline,5\nmultipolygon,6\nnone,7\n' > l.csv; geojoin --lookup l.csv --on kind -o s.csv $D/shapes.geojson; geojoin --lookup l.csv --on kind --fields v:w --crs EPSG:27700 -o s.gpkg s.csv; ogr2ogr -f CSV -lco GEOMETRY=AS_WKT -select kind a.csv s.gpkg; ogr2ogr -f CSV -lco GEOMETRY=AS_WKT -select kind b.csv $D/shapes.geojson; diff a.csv b.csv
# Parts without vertices are left out: nobody reads "((), (0 0, 1 1))". A shape of such parts alone is none.
0 empty_parts.csv printf 'id,wkt\n1,"MULTILINESTRING (EMPTY, (0 0, 1 1))"\n2,"MULTIPOINT (EMPTY, (5 6))"\n3,"MULTIPOLYGON (EMPTY, ((0 0, 0 1, 1 1, 0 0)))"\n4,MULTIPOINT (EMPTY)\n5,POINT EMPTY\n' > w.csv; printf 'id,v\n1,a\n2,b\n3,c\n4,d\n5,e\n' > l.csv; geojoin --lookup l.csv --on id --crs EPSG:27700 -o w.gpkg w.csv; geojoin --lookup l.csv --on id --fields v:u w.gpkg
# What a layer says of its shapes is looked at: other kinds in a layer of points have no place that a column of points could hold.
3 not_points.csv ogr2ogr -f GPKG -nlt POINT k.gpkg $D/shapes.geojson 2> log; printf 'kind,v\npoint,1\nline,2\npolygon,3\nmultipoint,4\nmultiline,5\nmultipolygon,6\nnone,7\n' > l.csv; geojoin --lookup l.csv --on kind --class open k.gpkg
  stderr: 5 records have coordinates that cannot be read: features 2, 3, 4, 5 and 6
# Layers of lines and polygons hold multi ones as well, as in every shapefile, and go so into every format.
0 lines.txt      printf 'id,wkt\n1,"LINESTRING (0 0, 1 1)"\n2,"MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))"\n' > w.csv; printf 'id,v\n1,a\n2,b\n' > l.csv; ogr2ogr -a_srs EPSG:27700 -f 'ESRI Shapefile' s.shp w.csv -nlt MULTILINESTRING; for e in csv fgb gpkg geojson shp; do geojoin --lookup l.csv --on id -o o.$e s.shp; done; tail -2 o.csv; for e in fgb gpkg geojson shp; do ogrinfo -q -al o.$e | grep -E 'LINESTRING'; done
# Text that is no UTF-8, or holds a NUL, is left out and counted, by batches and (where there are times) by features; a class like that counts
# as special.
3 not_utf8.csv   for e in x datetime; do ogr2ogr -f GPKG t.gpkg $D/clean.csv -nln t; sqlite3 t.gpkg "ALTER TABLE t ADD sdc_class TEXT; ALTER TABLE t ADD at $e; ALTER TABLE t ADD n TEXT; UPDATE t SET note = CAST(x'5a5158ff' AS TEXT) WHERE id IN ('002', '004'); UPDATE t SET note = CAST(x'c3' AS TEXT) WHERE id = '005'; UPDATE t SET sdc_class = CAST(x'6f70656eff' AS TEXT) WHERE id = '003'"; geojoin --lookup $D/clean.csv --on id --fields id:n --keep id,note t.gpkg; s=$?; rm t.gpkg; done; exit $s
  stderr: 3 values cannot be read as their columns' types and are left out: features 2, 4 and 5
  stderr: 1 record has an sdc_class that is none and counts as special: feature 3
  needs: sqlite3
# A class that is a number is none; what is written is the word.
3 class_word.csv printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"1","sdc_class":1},"geometry":{"type":"Point","coordinates":[-1.994,52.602]}}]}' > c.geojson; for e in gpkg fgb geojson shp; do geojoin $A -q -o o.$e c.geojson; s=$?; ogr2ogr -f CSV /vsistdout/ o.$e; done; exit $s
# SQLite holds any value in any column, and GDAL would make 0 or 1970-01-01 of it: left out and counted. So are geometries without a sound
# header, which GDAL takes for none.
3 misfits.csv    ogr2ogr -f GPKG -a_srs EPSG:27700 t.gpkg $D/clean.csv -nln t -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -oo KEEP_GEOM_COLUMNS=NO -lco SPATIAL_INDEX=NO && sqlite3 t.gpkg "ALTER TABLE t ADD d DATE; ALTER TABLE t ADD r REAL; ALTER TABLE t ADD i INTEGER; ALTER TABLE t ADD m MEDIUMINT; UPDATE t SET d = '2024-02-29', r = 1.5, i = 9007199254740993, m = -8; UPDATE t SET d = 'ZQX' WHERE id = '001'; UPDATE t SET d = '2023-02-29', r = x'5a5158' WHERE id = '002'; UPDATE t SET i = 'ZQX', r = 'ZQX' WHERE id = '003'; UPDATE t SET i = 1.5, m = 3000000000 WHERE id = '004'; UPDATE t SET geom = x'5a5158' WHERE id = '005'; UPDATE t SET geom = NULL WHERE id = '006'"; geojoin $A t.gpkg
  stderr: 7 values cannot be read as their columns' types and are left out: features 1, 2, 2, 3, 3 and 2 more
  stderr: 1 record has coordinates that cannot be read: feature 5
  stderr: 1 record has no coordinates: feature 6
  needs: sqlite3
3 misfits.txt    ogr2ogr -f GPKG t.gpkg $D/clean.csv -nln t && sqlite3 t.gpkg "ALTER TABLE t ADD at DATETIME; UPDATE t SET at = '2024-02-29T12:00:00Z'; UPDATE t SET at = 'ZQX' WHERE id = '002'; ALTER TABLE t ADD n INTEGER; UPDATE t SET n = 'ZQX' WHERE id = '002'" && printf 'id,n\n001,1\n002,2\n' > l.csv && geojoin --lookup l.csv --on id --fields n:v --keep id,at t.gpkg | head -3; geojoin --lookup t.gpkg --on id --fields at,n:m l.csv; geojoin -q --lookup l.csv --on id --fields n:v --keep id,at t.gpkg > o; exit $?
  stderr: 1 value of 't.gpkg' cannot be read as its column's type and is left out
  needs: sqlite3
# So is what other drivers only warn of.
3 misfit_gml.csv printf '<?xml version="1.0"?><ogr:FeatureCollection xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml"><gml:featureMember><ogr:t><ogr:id>a</ogr:id><ogr:n>7</ogr:n></ogr:t></gml:featureMember><gml:featureMember><ogr:t><ogr:id>b</ogr:id><ogr:n>ZQX</ogr:n></ogr:t></gml:featureMember></ogr:FeatureCollection>' > t.gml; printf '<GMLFeatureClassList><GMLFeatureClass><Name>t</Name><ElementPath>t</ElementPath><GeometryType>100</GeometryType><PropertyDefn><Name>id</Name><ElementPath>id</ElementPath><Type>String</Type></PropertyDefn><PropertyDefn><Name>n</Name><ElementPath>n</ElementPath><Type>Integer</Type></PropertyDefn></GMLFeatureClass></GMLFeatureClassList>' > t.gfs; touch t.gfs; printf 'id,v\na,1\nb,2\n' > l.csv; geojoin --lookup l.csv --on id t.gml
  stderr: 1 value cannot be read as its column's type and is left out: feature 2
# Heights are left out, and that is said.
0 heights.csv    printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"1"},"geometry":{"type":"Point","coordinates":[-1.994,52.602,80]}}]}' > z.geojson; geojoin $A z.geojson
  stderr: 1 record has heights or measures, which are left out
# --out-crs: lines as text, and the areas of a count. 400000,300000 is 52.5978 N 2.0014 W, 401000,301000 is 52.6068 N 1.9867 W, and the
# south-west and north-east corners are 2.0014 W 52.5978 N and 1.9719 W 52.6158 N (cs2cs, 4 decimals).
0 moved_line.txt printf 'id,wkt\n1,"LINESTRING (400000 300000, 401000 301000)"\n' > w.csv; printf 'id,v\n1,2\n' > l.csv; geojoin --lookup l.csv --on id --crs EPSG:27700 --out-crs OGC:CRS84 --keep id w.csv | grep -o -- '-\?[0-9]*\.[0-9]*' | xargs printf '%.4f\n'
0 moved_count.txt geojoin $A --count --out-crs OGC:CRS84 -o c.geojson $D/clean.csv && ogrinfo -so -al c.geojson | grep Extent | grep -o -- '-\?[0-9]*\.[0-9]*' | xargs printf '%.4f\n'
2 -              geojoin $A --count --out-crs OGC:CRS84 $D/clean.csv
  stderr: --out-crs: the output has no coordinates
2 -              geojoin --lookup $D/postcodes.csv --on pc=postcode --out-crs OGC:CRS84 $D/addresses.csv
  stderr: --out-crs: the output has no coordinates
# Columns of coordinates are a matter of CSV; a geometry that is not there is told.
2 -              ogr2ogr -f GPKG a.gpkg $D/areas.geojson && geojoin $A -x share -y rank a.gpkg
  stderr: --x and --y name columns of CSV
2 -              ogr2ogr -f GPKG a.gpkg $D/areas.geojson && geojoin $A --geometry-field shape a.gpkg
  stderr: has no geometry 'shape'; there are: geom
# Lists of names add up; what belongs to one step is said once.
0 kept_fields.csv geojoin $A --count --sum spend --sum hours -q $D/visits.csv > a; geojoin $A --count --sum spend,hours -q $D/visits.csv | diff a - && geojoin $A --keep note --keep id $D/clean.csv
2 -              geojoin --areas $D/areas.geojson --area-key code --area-key name $D/clean.csv
  stderr: --area-key: is given twice for one step
2 -              geojoin --lookup $D/postcodes.csv --on pc=postcode --fields lsoa --fields lat $D/addresses.csv
  stderr: separated by commas
# Keys are compared as they came, also when the output has types: 1.10 and 1.1 are two codes, and -0 is one. (Names by hand.)
0 codes.csv      printf 'id,code\n1,1.10\n2,1.1\n3,-0\n' > r.csv; printf 'code,name\n1.10,ten\n1.1,one\n-0,minus\n' > l.csv; geojoin --lookup l.csv --on code r.csv; geojoin --lookup l.csv --on code -o x.gpkg r.csv && ogr2ogr -f CSV -lco STRING_QUOTING=IF_NEEDED c.csv x.gpkg && cat c.csv; geojoin --lookup l.csv --on code --count -o n.gpkg r.csv && ogrinfo -so n.gpkg n | grep Count
# Money is numbers, whatever zeros it ends in; codes with a point are text.
0 money.txt      printf 'id,pounds,section\n1,12.50,1.1\n2,3.00,1.10\n' > r.csv; printf 'id,v\n1,0.50\n2,7.25\n' > l.csv; geojoin --lookup l.csv --on id -o m.gpkg r.csv; ogrinfo -so -al m.gpkg | grep -E '^(id|pounds|section|v):'
# Two fields of one name: no guess. The first line of a table that lacks a header is nobody's business.
2 -              printf 'easting,northing,spend,spend\n400500,300500,1,100\n' | geojoin $A --count --sum spend
  stderr: there are 2 fields called 'spend': which one is meant?
2 -              printf 'easting,easting,northing\n400500,401500,300500\n' | geojoin $A
  stderr: there are 2 fields called 'easting'
2 -              printf 'id,LSOA,lsoa\n1,L1,L2\n' | geojoin --lookup $D/deprivation.csv --on Lsoa=lsoa_code
  stderr: there are 2 fields called 'Lsoa'
0 *              printf 'id,LSOA,lsoa\n1,L1,L2\n' | geojoin --lookup $D/deprivation.csv --on lsoa=lsoa_code
2 -              printf 'ZQX Smith,17,SW1A 1AA\n' | geojoin --lookup $D/postcodes.csv --on postcode
  stderr: no field 'postcode': the first line of the table does not look like names of fields: does it lack a header line?
# A count by a lookup shows of the lookup what all rows of a group have in common; rows without an area count as without.
3 count_rows.csv printf 'pc,ward,town,resident\nSW1A1AA,W1,T,Ann\nE16AN,W1,T,Bob\nM320AA,,U,Cy\n' > l.csv; printf 'id,pc\n1,SW1A1AA\n2,E16AN\n3,M320AA\n4,\n' | geojoin --lookup l.csv --on pc --fields ward,town,resident --count -q
# Records without a value of --by are none, unless there is such a value.
0 by_none.csv    printf 'kind,easting,northing\n,400500,300500\nnone,400500,300500\nx,400500,300500\n' | geojoin $A --count --by kind
# A system by its PROJ parameters.
0 *              printf 'id,x,y\n1,400500,300500\n' | geojoin $A --crs '+proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000 +ellps=airy +units=m'
  stdout: 1,400500,300500,E01
# A damaged shape among good ones, in a layer that is read in batches: an error, not a record without a place.
1 - ogr2ogr -f GPKG -a_srs EPSG:27700 t.gpkg $D/clean.csv -nln t -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -oo KEEP_GEOM_COLUMNS=NO -lco SPATIAL_INDEX=NO && sqlite3 t.gpkg "UPDATE t SET geom = x'5a5158' WHERE id = '005'; UPDATE t SET geom = NULL WHERE id = '006'"; geojoin $A -o o.csv t.gpkg
  stderr: 't.gpkg' is damaged: 1 of its shapes cannot be read
  files: t.gpkg
  needs: sqlite3
3 * ogr2ogr -f GPKG -a_srs EPSG:27700 t.gpkg $D/clean.csv -nln t -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -oo KEEP_GEOM_COLUMNS=NO -lco SPATIAL_INDEX=NO && sqlite3 t.gpkg "UPDATE t SET geom = x'5a5158' WHERE id = '005'; UPDATE t SET geom = NULL WHERE id = '006'"; geojoin $A --where "id > '001'" t.gpkg
  stderr: 1 record has coordinates that cannot be read: feature 4
  stderr: 1 record has no coordinates: feature 5
  needs: sqlite3
# Tables of SQLite without row numbers, and wider than batches go, are read.
0 wr.csv sqlite3 w.sqlite "CREATE TABLE wr (id TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID; INSERT INTO wr VALUES ('001', 7)" && head -2 $D/clean.csv | geojoin --lookup w.sqlite:wr --on id --fields n
  needs: sqlite3
0 wide.csv { echo id$(seq -f ,c%g -s '' 130); echo 001$(seq -f ,%g -s '' 130); } > w.csv; ogr2ogr -f GPKG w.gpkg w.csv -nln w && head -2 $D/clean.csv | geojoin --lookup w.gpkg --on id | cut -d, -f1-6,134-136
0 - geojoin $A -o o.kmz $D/clean.csv
  stderr: 'o.kmz' is of a format that is always in longitude and latitude

# Other files of SQLite are looked through as GeoPackages are: dates that the calendar lacks, booleans, numbers that a double would round, text
# with a NUL in it, blobs among text, and more columns than one question to SQLite takes. Times are the text that stands there, in the form of
# ISO 8601 where it is a time: GDAL's reading loses what it does not understand. (What is kept and what is not, by hand.)
3 sqlite_misfits.csv sqlite3 w.sqlite "CREATE TABLE t (id TEXT, d DATE, at TIMESTAMP, tm TIME, b BOOLEAN, n NUMERIC, big BIGINT, s TEXT); INSERT INTO t VALUES ('1', '2024-02-29', '2024-02-29 12:00', '12:30', 1, 1.5, 9007199254740993, 'x'), ('2', '2024-02-30', 'now', '25:30', 7, 9007199254740993, 'ZQX', 'ZQX' || char(0) || 'ZQX'), ('3', 'ZQX', '12:30', 'now', 'yes', 'ZQX', 2.5, x'5a5158'), ('4', 2460000.5, 1700000000, 0.5, NULL, 9e999, NULL, '')" && printf 'id,v\n1,a\n2,b\n3,c\n4,d\n' > l.csv && geojoin --lookup l.csv --on id w.sqlite
  stderr: 12 values cannot be read as their columns' types and are left out: features 2, 2, 2, 2, 2 and 7 more
  needs: sqlite3
0 sqlite_times.csv sqlite3 w.sqlite "CREATE TABLE t (id INTEGER PRIMARY KEY, at TIMESTAMP, tm TIME); INSERT INTO t VALUES (1, '2024-01-01T12:00:00+01', '12:30:00+01'), (2, '2016-12-31T23:59:60Z', '23:59:60'), (3, '2024/01/01 12:00', '2:30'), (4, '2024-01-01 12:00:00.250-0330', '24:00'), (5, '2024-01-01T12:00:00+05:53', '12:30Z'), (6, '2024-06-01T12:00Z', '12:30-05:00'), (7, '2024-01-01 12:00:00.000000+00', '12:30:00.'), (8, '2024-01-01', '')" && printf 'id,v\n' > l.csv && for i in 1 2 3 4 5 6 7 8; do echo $i,a; done >> l.csv && geojoin --lookup l.csv --on OGC_FID=id --keep at,tm w.sqlite 2> log || geojoin --lookup l.csv --on id --keep at,tm w.sqlite
  needs: sqlite3
3 wide_misfits.csv { echo id$(seq -f ,c%g -s '' 600); for i in 1 2; do echo $i$(seq -f ,%g -s '' 600); done; } > w.csv; printf 'id,v\n1,a\n2,b\n' > l.csv; ogr2ogr -f GPKG w.gpkg w.csv -oo AUTODETECT_TYPE=YES -nln w && sqlite3 w.gpkg "UPDATE w SET c500 = 'ZQX', c3 = 'ZQX' WHERE id = 2"; geojoin --lookup l.csv --on id --keep id,c3,c4,c500,c501 w.gpkg
  stderr: 2 values cannot be read as their columns' types and are left out: features 2 and 2
  needs: sqlite3
1 - sqlite3 w.sqlite "CREATE TABLE wr (id TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID; INSERT INTO wr VALUES ('001', 'ZQX')" && head -2 $D/clean.csv | geojoin --lookup w.sqlite:wr --on id --fields n
  stderr: has values that cannot be read as their columns' types, in a table or view without row numbers
  needs: sqlite3
# Text with a NUL beside a number that is none: both are told, by whichever way the layer is read.
3 nul_features.csv printf 'id,v\n1,a\n2,b\n3,c\n' > l.csv; ogr2ogr -f GPKG t.gpkg l.csv -nln t && sqlite3 t.gpkg "ALTER TABLE t ADD n INTEGER; UPDATE t SET n = 'ZQX' WHERE id = '1'; UPDATE t SET v = 'ZQX' || char(0) WHERE id = '2'" && geojoin --lookup l.csv --on id --fields v:w t.gpkg
  stderr: 2 values cannot be read as their columns' types and are left out: features 1 and 2
  needs: sqlite3
# Shapes that cannot be read, in any file of SQLite and behind a filter: an error, not records without a place.
1 - ogr2ogr -f SQLite -a_srs EPSG:27700 t.sqlite $D/clean.csv -nln t -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -oo KEEP_GEOM_COLUMNS=NO && sqlite3 t.sqlite "UPDATE t SET geometry = x'5a5158' WHERE id = '005'; UPDATE t SET geometry = NULL WHERE id = '006'"; geojoin $A --where "id > '004'" -o o.csv t.sqlite
  stderr: 't.sqlite' is damaged: 1 of its shapes cannot be read
  files: t.sqlite
  needs: sqlite3
# Numbers that GeoJSON can say and a column cannot hold: beyond 64 bits, and infinite.
3 clamped.csv printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"1","n":9223372036854775808,"r":1e999},"geometry":null},{"type":"Feature","properties":{"id":"2","n":-99999999999999999999,"r":1.5},"geometry":null},{"type":"Feature","properties":{"id":"3","n":9223372036854775806,"r":2.5},"geometry":null}]}' > b.geojson; printf 'id,v\n1,a\n2,b\n3,c\n' > l.csv; geojoin --lookup l.csv --on id --keep id,n,r b.geojson
  stderr: 3 values cannot be read as their columns' types and are left out: features 1, 1 and 2
# A date of a shapefile that the calendar lacks is none; a leap second stays one.
3 no_date.csv printf 'id,d,easting,northing\n1,2024-02-28,400500,300500\n2,2024-02-29,400500,300500\n' > r.csv; geojoin $A -q -o r.shp r.csv; sed -i s/20240229/20240230/ r.dbf; printf 'id,v\n1,a\n2,b\n' > l.csv; geojoin --lookup l.csv --on id --keep id,d r.shp
  stderr: 1 value cannot be read as its column's type and is left out: feature 2
0 leap_second.csv printf '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"1","at":"2016-12-31T23:59:60Z"},"geometry":null}]}' > b.geojson; printf 'id,v\n1,a\n' > l.csv; geojoin --lookup l.csv --on id --keep id,at b.geojson
# --where: a name that may mean two fields is no guess either, and KML has no names with marks of its own.
2 - printf 'id,a,a,easting,northing\n1,2,3,400500,300500\n' | geojoin $A --where 'a = 3'
  stderr: --where: 'standard input' does not understand the filter: there are 2 fields called 'a'
0 * printf "id,a,a,easting,northing\n1,2,3,400500,300500\n" | geojoin $A --where "id = 'a' OR id = '1'"
2 - printf 'id,a&b,lon,lat\n1,2,-1.9,52.6\n' | geojoin $A -o o.kml
  stderr: KML has no names with &, <, > or ", as that of field 'a&b'
  files:
# A class with a NUL in it, or in a blob, is none, by whichever way the layer is read: it counts as special, never as not given.
3 blob_class.csv sqlite3 sc.sqlite "CREATE TABLE t (id TEXT, sdc_class TEXT, n INT); INSERT INTO t VALUES ('1', 'special' || char(0) || 'x', 1), ('2', x'7370656369616c', 2), ('3', 'open', 3), ('4', 'Xspecial', 4), ('5', '', 5)"; printf 'id,v\n1,a\n2,b\n3,c\n4,d\n5,e\n' > l.csv; printf 'dataset sc.sqlite class open\ndataset l.csv class open\ndataset g.gpkg class open\n' > p; geojoin --policy p --lookup l.csv --on id sc.sqlite; ogr2ogr -f GPKG g.gpkg l.csv -nln t; for e in x datetime; do sqlite3 g.gpkg "ALTER TABLE t ADD w$e $e"; sqlite3 g.gpkg "ALTER TABLE t ADD sdc_class TEXT" 2> log; sqlite3 g.gpkg "UPDATE t SET sdc_class = 'special' || char(0) || 'x' WHERE id = '1'; UPDATE t SET sdc_class = x'7370656369616c' WHERE id = '2'; UPDATE t SET sdc_class = 'open' WHERE id = '3'; UPDATE t SET sdc_class = 'Xspecial' WHERE id = '4'"; geojoin --policy p --lookup l.csv --on id --fields v:w --keep id g.gpkg; s=$?; done; exit $s
  stderr: 3 records have an sdc_class that is none and count as special: features 1, 2 and 4
  needs: sqlite3
# Numbers beyond what a narrow column of a GeoPackage claims come as they are stored.
0 narrow.csv printf 'id,v\n1,a\n3,b\n' > l.csv; ogr2ogr -f GPKG s.gpkg l.csv -nln t; sqlite3 s.gpkg "ALTER TABLE t ADD n SMALLINT; ALTER TABLE t ADD f FLOAT; UPDATE t SET n = 40000, f = 0.1 WHERE id = '1'; UPDATE t SET f = 16777217 WHERE id = '3'"; geojoin --lookup l.csv --on id --fields v:w s.gpkg
  needs: sqlite3
# A damaged shape matters to nobody who does not look at shapes; an empty value is no damage; a filter may be more than a condition.
0 * ogr2ogr -f SQLite pd.sqlite $D/clean.csv -nln t -a_srs EPSG:27700 -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -oo KEEP_GEOM_COLUMNS=NO; sqlite3 pd.sqlite "UPDATE t SET geometry = x'5a5158' WHERE id = '005'"; head -3 $D/clean.csv | geojoin --lookup pd.sqlite --on id --fields note:nn
  needs: sqlite3
3 * printf 'id,WKT\n4,"POINT (400500 300500)"\n5,\n' > e.csv; ogr2ogr -f SQLite -lco FORMAT=WKT ew.sqlite e.csv -nln t -nlt GEOMETRY -a_srs EPSG:27700 -oo KEEP_GEOM_COLUMNS=NO; sqlite3 ew.sqlite "UPDATE t SET WKT_GEOMETRY = '' WHERE id = '5'"; geojoin $A ew.sqlite
  stderr: 1 record has no coordinates: feature 2
  needs: sqlite3
3 * ogr2ogr -f SQLite t.sqlite $D/clean.csv -nln t -a_srs EPSG:27700 -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -oo KEEP_GEOM_COLUMNS=NO; sqlite3 t.sqlite "UPDATE t SET geometry = NULL WHERE id = '005'"; geojoin $A --where "id > '004' ORDER BY id" t.sqlite
  stderr: 1 record has no coordinates: feature 1
  needs: sqlite3
# The largest number of 64 bits among real ones is none of them.
3 * sqlite3 m.sqlite "CREATE TABLE t (id TEXT, n NUMERIC); INSERT INTO t VALUES ('1', 9223372036854775807), ('2', 1.5)"; printf 'id,v\n1,a\n2,b\n' > l.csv; geojoin --lookup l.csv --on id m.sqlite
  stderr: 1 value cannot be read as its column's type and is left out: feature 1
  stdout: 2,1.5,b,
  needs: sqlite3
# A column that is called like SQLite's own number of a row hides it.
1 - sqlite3 r.sqlite "CREATE TABLE t (rowid TEXT, id TEXT, n INTEGER); INSERT INTO t VALUES ('2', '1', 'ZQX'), ('1', '2', 5)"; printf 'id,v\n1,a\n2,b\n' > l.csv; geojoin --lookup l.csv --on id r.sqlite
  stderr: in a table or view without row numbers
  needs: sqlite3
# --where: numbers, types and words of the language are no names of fields.
0 * printf 'id,2011,2011,in,in,date,date,pop,easting,northing\n1,2,3,4,5,6,7,5000,400500,300500\n' | geojoin $A --where "CAST(pop AS INTEGER) > 2011 AND pop IN ('5000') AND CAST(pop AS DATE) IS NULL"
2 - printf 'id,"a""b","a""b",easting,northing\n1,2,3,400500,300500\n' | geojoin $A --where '"a\"b" = '"'3'"
  stderr: there are 2 fields called 'a"b'
