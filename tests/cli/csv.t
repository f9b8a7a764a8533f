# CSV: filters, compressed output, files that are not what they seem.
A=--areas $D/areas.geojson --area-key code:ward
H=id,easting,northing,who

# ---- filters ----
# The expected records are those that awk or grep picks.
0 - W="id > '004'"; geojoin $A --where "$W" $D/clean.csv > w.csv && awk -F, 'NR == 1 || $1 > "004"' $D/clean.csv | geojoin $A | cmp - w.csv
0 - geojoin $A --where "note LIKE 'on the%'" < $D/clean.csv > w.csv && grep -e ^id -e 'on the' $D/clean.csv | geojoin $A | cmp - w.csv
0 - geojoin $A --where "note = 'say \"so\"'" - < $D/clean.csv > w.csv && grep -e ^id -e ^003 $D/clean.csv | geojoin $A | cmp - w.csv
0 - gzip -c $D/clean.csv > r.csv.gz; geojoin $A --where "ID = '004' AND note = 'Dŵr'" r.csv.gz > w.csv && grep -e ^id -e ^004 $D/clean.csv | geojoin $A | cmp - w.csv
# Only some fields, and a filter on another; counts; a foreign encoding, whose header is converted as well.
0 - geojoin $A --where "note LIKE 'on the%'" --keep id $D/clean.csv > w.csv && grep -e ^id -e 'on the' $D/clean.csv | geojoin $A --keep id | cmp - w.csv
3 - geojoin $A -q --count --where "service = 'leisure'" $D/visits.csv > w.csv; s=$?; grep -e ^id -e leisure $D/visits.csv | geojoin $A -q --count | cmp - w.csv; exit $s
0 - geojoin $A --count --sum spend --where "service = 'library' AND CAST(spend AS FLOAT) > 0.15" $D/visits.csv > w.csv && grep -e ^id -e ^1, -e ^2, -e ^7, -e ^8, $D/visits.csv | geojoin $A --count --sum spend | cmp - w.csv
0 cp1252.csv printf "id,easting,northing,caf\351\n1,400500,300500,\200 5 \226 Ren\351e\n2,400500,300500,Ren\351e\n" > w.csv; geojoin $A --encoding windows-1252 --where "café LIKE '€%'" w.csv
# Lines in messages are those of the file; a record that does not pass is no fault, a row that cannot be split is one whatever it says.
3 * printf "$H\n1,400500,300500,a\n2,ZQX,1,b\n3,400500\n4,ZQX,300500,a\n5,1,1,b\n6,1,1,a\n" | geojoin $A --where "who = 'a'" -v
  stderr: 1 record has another number of fields than the header and is left out: line 4
  stderr: 1 record has coordinates that cannot be read: line 5
  stderr: 1 record is in none of the areas: line 7
  stderr: 3 records read, 1 matched, 3 rows written
# Types are those of what passes: 2.5 and x do not.
0 * printf "$H,v\n1,400500,300500,a,1\n2,400500,300500,b,x\n3,400500,300500,a,2\n4,400500,300500,b,2.5\n" > r.csv; geojoin $A --where "who = 'a'" -o o.gpkg r.csv && ogrinfo -so o.gpkg o
  stdout: Feature Count: 2
  stdout: v: Integer64
# Several pieces, any number of threads, a pipe: the same bytes, those of the file filtered beforehand.
0 - awk 'BEGIN {print "id,easting,northing,pad"; for (i = 0; i < 40000; i++) printf "%06d,%d,%d,%0100d\n", i, 400000 + (i * 7919) % 2000, 300000 + (i * 104729) % 2000, i}' > m.csv; W='CAST(id AS INTEGER) % 7 = 3'; geojoin $A -j 1 --where "$W" m.csv > 1.csv && geojoin $A -j 7 --where "$W" m.csv | cmp - 1.csv && geojoin $A -j 3 --where "$W" < m.csv | cmp - 1.csv && awk -F, 'NR == 1 || $1 % 7 == 3' m.csv | geojoin $A | cmp - 1.csv
# Nothing passes: the header comes out. Nothing is filtered: as without.
0 no_records.csv geojoin $A --where "1 = 0" $D/clean.csv
0 clean.csv      geojoin $A --where "1 = 1" $D/clean.csv
0 clean.csv      geojoin $A --where "" $D/clean.csv
# The gate judges what passes.
0 * printf "$H,sdc_class\n1,400500,300500,a,open\n2,400500,300500,b,personal\n" > r.csv; geojoin --areas $D/areas.geojson --policy $D/open.policy --release --where "sdc_class = 'open'" r.csv
  stdout: 1,400500,300500,a,
4 - printf "$H,sdc_class\n1,400500,300500,a,open\n2,400500,300500,b,personal\n" > r.csv; geojoin --areas $D/areas.geojson --policy $D/open.policy --release --where "who > ''" r.csv
  stderr: refused
# Wrong filters: before anything is written, and numbers are never compared as text in silence.
2 - geojoin $A -o o.csv --where 'spend > 100' $D/visits.csv
  stderr: visits.csv' does not understand the filter: Type mismatch
  stderr: Every field of a CSV file is text: compare numbers with CAST(FIELD AS FLOAT) > 100
  files:
2 - geojoin $A --where "spent = '1'" $D/visits.csv
  stderr: visits.csv' does not understand the filter: no field 'spent' (is it 'spend'?)
2 - geojoin $A --where 'spend =' - < $D/visits.csv
  stderr: --where: 'standard input' does not understand the filter: SQL Expression Parsing Error
2 - geojoin $A --where 'fid = 1' $D/visits.csv
  stderr: no field 'FID'
2 - geojoin $A --where 'ZQ+' < $D/visits.csv
  stderr: does not understand the filter

# ---- compressed output ----
0 clean.csv  geojoin $A -o o.csv.gz $D/clean.csv && gzip -dc o.csv.gz
  files: o.csv.gz
0 clean.csv  geojoin $A --format csv -o odd.gz $D/clean.csv && gzip -dc odd.gz
0 clean.csv  geojoin $A -o O.CSV.GZ $D/clean.csv && gzip -dc < O.CSV.GZ
0 no_records.csv head -1 $D/clean.csv | geojoin $A -o o.csv.gz && gzip -dc o.csv.gz
0 kept_fields.csv geojoin $A --keep note,id -o o.csv.gz < $D/clean.csv && gzip -dc o.csv.gz
3 count.csv  geojoin $A -q --count -o o.csv.gz $D/visits.csv; s=$?; gzip -dc o.csv.gz; exit $s
# geojoin reads it back. The areas are attached a second time under another name: the two columns agree.
0 - geojoin $A -o o.csv.gz $D/clean.csv && geojoin --areas $D/areas.geojson --area-key code:again o.csv.gz | awk -F, '$(NF - 2) != $NF && NR > 1 {print}'
# Several pieces: one member each and one of the header, the same bytes with any number of threads, from a pipe, filtered or not; and what
# gzip makes of them is the plain output.
0 - awk 'BEGIN {print "id,easting,northing,pad"; for (i = 0; i < 40000; i++) printf "%06d,%d,%d,%0100d\n", i, 400000 + (i * 7919) % 2000, 300000 + (i * 104729) % 2000, i}' > m.csv; geojoin $A m.csv > plain.csv; for j in 1 2 7; do geojoin $A -j $j -o $j.csv.gz m.csv; done; cat m.csv | geojoin $A -j 3 -o p.csv.gz && gzip -c m.csv > m.csv.gz && geojoin $A -j 4 -o z.csv.gz m.csv.gz && for o in 2 7 p z; do cmp 1.csv.gz $o.csv.gz; done && gzip -dc 1.csv.gz | cmp - plain.csv && gzip -t 1.csv.gz && test $(wc -c < 1.csv.gz) -lt 800000
0 - awk 'BEGIN {print "id,easting,northing,pad"; for (i = 0; i < 40000; i++) printf "%06d,%d,%d,%0100d\n", i, 400000 + (i * 7919) % 2000, 300000 + (i * 104729) % 2000, i}' > m.csv; geojoin $A --where "easting < '401000'" -q m.csv > plain.csv; for j in 1 5; do geojoin $A --encoding windows-1252 --where "easting < '401000'" -j $j -o $j.csv.gz m.csv; done; cmp 1.csv.gz 5.csv.gz && gzip -dc 1.csv.gz | cmp - plain.csv
0 - awk 'BEGIN {print "id,easting,northing"; for (i = 0; i < 70000; i++) printf "%d,%d,%d\n", i, 400000 + (i * 7919) % 2000, 300000 + (i * 104729) % 2000}' > m.csv; ogr2ogr -f GPKG m.gpkg m.csv -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -a_srs EPSG:27700 && for j in 1 6; do geojoin $A -j $j -o $j.csv.gz m.gpkg; done && cmp 1.csv.gz 6.csv.gz && geojoin $A m.gpkg > plain.csv && gzip -dc 1.csv.gz | cmp - plain.csv
# Whole or not at all.
4 - geojoin $A --release -o o.csv.gz $D/clean.csv
  files:
2 - echo old > o.csv.gz; geojoin $A -o o.csv.gz $D/clean.csv
  stderr: 'o.csv.gz' exists: add --force to replace it
0 clean.csv echo old > o.csv.gz; geojoin $A --force -o o.csv.gz $D/clean.csv && gzip -dc o.csv.gz
1 - awk 'BEGIN {srand(3); print "id,easting,northing"; for (i = 0; i < 200000; i++) printf "%f,400500,300500\n", rand()}' > m.csv; (trap '' XFSZ; ulimit -f 64; geojoin $A -o o.csv.gz m.csv)
  stderr: cannot write 'o.csv.gz': File too large
  files: m.csv

# ---- files that are not what they seem ----
S='id;easting;northing\n1;400500;300500\n'
2 - printf "$S" | geojoin $A
  stderr: 'standard input' has no columns named easting and northing, or lon and lat: it is separated by semicolons, not commas: convert it, for instance with ogr2ogr
2 - printf "$S" | tr ';' '\t' > t.csv; geojoin $A t.csv
  stderr: it is separated by tabs, not commas
2 - printf "$S" > s.csv; geojoin --lookup $D/uprns.csv --on id=uprn s.csv
  stderr: 's.csv': no field 'id': it is separated by semicolons, not commas
2 - printf "$S" > s.csv; geojoin --lookup s.csv --on id $D/clean.csv
  stderr: lookup 's.csv' (--on RECORD_FIELD=LOOKUP_FIELD): no field 'id': it is separated by semicolons
2 - printf "$S" > s.csv; geojoin --lookup s.csv --on id --fields easting $D/clean.csv
  stderr: 's.csv': no field 'id': it is separated by semicolons
2 - printf "$S" > s.csv; geojoin --areas s.csv --area-key id $D/clean.csv
  stderr: separated by semicolons
2 - printf "$S" > s.csv; geojoin $A -x easting -y northing --crs EPSG:27700 s.csv
  stderr: separated by semicolons
2 - printf "$S" > s.csv; geojoin $A --crs EPSG:27700 --where "id = '1'" s.csv
  stderr: separated by semicolons
# What the hint says works.
0 - printf "$S" > s.csv; ogr2ogr -f CSV n.csv s.csv && geojoin $A n.csv > o.csv && grep -q ",E01,personal" o.csv
# One column is a legal table, whatever is in its name.
0 one_column.csv printf 'a;b\n1\n2;3\n' > s.csv; printf 'k,v\n1,x\n2;3,y\n' > l.csv; geojoin --lookup l.csv --on 'a;b=k' s.csv
1 - printf "$H\n1,400500,300500,ZQX\n" | iconv -t UTF-16 > u.csv; geojoin $A u.csv
  stderr: 'u.csv' is UTF-16: convert it to UTF-8, for instance with iconv -f UTF-16 -t UTF-8
1 - (printf '\376\377'; printf "$H\n1,400500,300500,ZQX\n" | iconv -t UTF-16BE) | geojoin $A
  stderr: 'standard input' is UTF-16
1 - printf "$H\n1,400500,300500,ZQX\n" | iconv -t UTF-16 > u.csv; geojoin $A --encoding windows-1252 u.csv
  stderr: 'u.csv' is UTF-16
0 - printf '\377\376,easting,northing\n1,400500,300500\n' > w.csv; geojoin $A --encoding windows-1252 w.csv > o.csv && grep -q ^ÿþ,easting o.csv
1 - printf "$H\n1,400500,300500,ZQX\n" | tr '\n' '\r' > m.csv; geojoin $A m.csv
  stderr: the lines of 'm.csv' end in carriage returns alone, as on old Macintoshes: convert them, for instance with tr '\r' '\n'
1 - printf '"id","k"\r"1","ZQX"\r' > m.csv; geojoin --lookup $D/codes.csv --on k=code m.csv
  stderr: the lines of 'm.csv' end in carriage returns alone
# Line feeds further on: then it shows when a field is missing, and the names, which are not those of the header alone, are not told.
2 - printf "$H\r1,400500,300500,ZQX\r2,400500,300500,ZQX\n3,1,1,ZQX\r" > m.csv; geojoin --lookup $D/codes.csv --on nobody=code m.csv
  stderr: 'm.csv': no field 'nobody': its lines end in carriage returns alone
0 - printf '"id\rx",easting,northing' > m.csv; geojoin $A m.csv > o.csv

# ---- coordinates twice ----
# National Grid and WGS 84 of the same places: whatever --crs says they are found, and by lon and lat alone where the grid is rubbish.
TWICE='id,easting,northing,lon,lat\n1,400500,300500,-1.994,52.602\n2,401500,300500,-1.98,52.602\n'
0 twice.csv printf "$TWICE" | geojoin $A
0 twice.csv printf "$TWICE" | geojoin $A --crs EPSG:27700
0 twice.csv printf "$TWICE" | geojoin $A --crs OGC:CRS84
0 twice.csv printf "$TWICE" | geojoin $A --crs EPSG:4326
0 -         printf "$TWICE" | sed 's/,40/,9/' | geojoin $A --crs EPSG:4326 > o.csv && grep -q E01 o.csv && grep -q E02 o.csv
# One pair, and --crs contradicts it: the user overrides, as ever.
0 -         printf 'id,easting,northing\n1,-1.994,52.602\n' | geojoin $A --crs EPSG:4326 > o.csv && grep -q E01 o.csv
0 -         printf 'id,lon,lat\n1,400500,300500\n' | geojoin $A --crs EPSG:27700 > o.csv && grep -q E01 o.csv
1 -         printf "$TWICE" | geojoin $A --crs nonsense
  stderr: nonsense

# ---- encodings ----
# Of lookups and areas too: their keys, names and values.
0 cp1252_lookup.csv printf 'k,caf\351\nRen\351e,\200 5\nZo\353,\226\n' > l.csv; printf 'id,k\n1,Ren\351e\n2,Zo\353\n' > r.csv; geojoin --encoding windows-1252 --lookup l.csv --on k --fields 'café' r.csv
0 cp1252_lookup.csv printf 'k,caf\351\nRen\351e,\200 5\nZo\353,\226\n' > l.csv; printf 'id,k\n1,Ren\351e\n2,Zo\353\n' > r.csv; geojoin --encoding windows-1252 --lookup l.csv --on k < r.csv
0 cp1252_areas.csv printf 'gr\366\337e,wkt\nK\374ste,"POLYGON((400000 300000,401000 300000,401000 301000,400000 301000,400000 300000))"\n' > a.csv; printf "$H\n1,400500,300500,a\n" | geojoin --encoding windows-1252 --areas a.csv --area-key 'größe' --areas-crs EPSG:27700
1 - printf 'k,v\nRen\351e,1\n' > l.csv; printf 'id,k\n1,Renée\n' | geojoin --lookup l.csv --on k
  stderr: 'l.csv' is not UTF-8; if it came from Windows or Excel, say --encoding windows-1252
# One that is UTF-8 all the same is told once, whatever else is read; other formats know their encoding.
3 * printf 'k,v\nZQXé,1\n' > l.csv; printf 'id,k\n1,ZQX\351\n' > r.csv; geojoin --encoding windows-1252 --lookup l.csv --on k -o o.gpkg r.csv; s=$?; ogrinfo -ro -q o.gpkg o > /dev/null; exit $s
  stderr: 'l.csv' is read as Windows-1252 and looks like UTF-8
  not: 'r.csv'
0 cp1252.csv printf "id,easting,northing,caf\351\n1,400500,300500,\200 5 \226 Ren\351e\n" > w.csv; geojoin $A --encoding windows-1252 w.csv

# Standard input that is a file is read from where it stands, twice where types are settled: what somebody has read before is not the header.
0 -   { echo 'title, of the table'; cat $D/clean.csv; } > two.csv; (read -r title; geojoin $A -o o.gpkg -) < two.csv; geojoin $A -o expected.gpkg $D/clean.csv; for f in o expected; do ogr2ogr -f CSV $f.csv $f.gpkg; done; cmp o.csv expected.csv
  files: expected.csv expected.gpkg o.csv o.gpkg two.csv
