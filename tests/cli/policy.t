# Sensitivity: classes, sidecars, the policy file, and the gate. An unlabelled file is personal; a release may hold open records only.
A=--areas $D/areas.geojson --area-key code:ward
P=--policy $D/open.policy

# ---- working output carries the class of each record ----
0 clean.csv       geojoin $A $D/clean.csv
# Open by the policy: records and areas both.
0 open.csv        geojoin $A $P $D/clean.csv
# Only one of the two: the higher class wins.
0 clean.csv       cp $D/areas.geojson other.geojson; geojoin --areas other.geojson --area-key code:ward $P $D/clean.csv
0 clean.csv       geojoin $A $P < $D/clean.csv
0 special.csv     geojoin $A $P --class special $D/clean.csv
0 official.csv    geojoin $A $P --class official $D/clean.csv
# The last rule of the policy says special for any other CSV.
0 special.csv     cp $D/clean.csv other.csv; geojoin $A $P other.csv
# A record's own class counts, an empty one is the file's, a word that is none is special and said.
3 classes.csv     geojoin $A $P $D/classes.csv
  stderr: 1 record has an sdc_class that is none and counts as special: line 6
3 classes_special.csv geojoin $A $P --class special -q $D/classes.csv
3 classes_official.csv geojoin $A $P --class official -q $D/classes.csv
3 classes_gpkg.csv ogr2ogr -f GPKG k.gpkg $D/classes.csv -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -oo KEEP_GEOM_COLUMNS=NO -a_srs EPSG:27700 -nln classes && geojoin $A $P -q k.gpkg
# What is unlabelled is as the policy says: what comes from standard input, and a file that no rule fits.
0 special.csv     printf 'dataset areas* class open\nunlabelled treat-as special\n' > p; geojoin $A --policy p < $D/clean.csv
0 special.csv     printf 'dataset areas* class open\nunlabelled treat-as special\n' > p; geojoin $A --policy p - < $D/clean.csv
0 special.csv     printf 'dataset areas* class open\nunlabelled treat-as special\n' > p; geojoin $A --policy p $D/clean.csv
0 count_special.csv printf 'dataset areas* class open\nunlabelled treat-as special\n' > p; geojoin $A --policy p --count < $D/clean.csv
0 clean.csv       printf 'dataset areas* class open\nunlabelled treat-as personal\n' > p; geojoin $A --policy p < $D/clean.csv
# A record's own class counts, whatever is said of the rest.
3 classes.csv     printf 'dataset areas* class open\nunlabelled treat-as special\n' > p; sed 's/Dŵr,$/Dŵr,special/' $D/classes.csv | geojoin $A --policy p -q
# So are areas: their keys are then no more for messages than those that somebody has labelled special.
0 special.csv     printf 'dataset clean* class open\nunlabelled treat-as special\n' > p; geojoin $A --policy p $D/clean.csv
1 -               printf 'unlabelled treat-as special\n' > p; printf 'who,wkt\nZQX,"POLYGON ((0 0,1 0,1 1,0 0))"\nZQX,"POLYGON ((5 5,6 5,6 6,5 5))"\n' > a.csv; geojoin --areas a.csv --areas-crs EPSG:27700 --area-key who --policy p $D/clean.csv
  stderr: one key stands twice in field 'who' of 'a.csv' (areas 1 and 2)
# Counting people does not lower the class.
0 count_open.csv  geojoin $A $P --count $D/clean.csv
0 count_special.csv cp $D/clean.csv other.csv; geojoin $A $P --count other.csv

# ---- sidecars ----
0 labelled.csv    printf 'dataset areas.geojson class open\n' > p; geojoin $A --policy p $D/labelled.csv
0 clean.csv       printf 'dataset areas.geojson class open\n' > p; geojoin $A --policy p $D/stale.csv
  stderr: stale.csv.sdc
  stderr: the file has changed since it was labelled
0 clean.csv       printf 'dataset areas.geojson class open\n' > p; geojoin $A --policy p $D/malformed.csv
  stderr: malformed.csv.sdc
  stderr: "class" must be open, official, personal or special
0 clean.csv       printf 'dataset areas.geojson class open\n' > p; cp $D/clean.csv .; echo '{' > clean.csv.sdc; geojoin $A --policy p clean.csv
  stderr: not JSON
# Once labelled, personal at least: where the label no longer holds, a rule may raise the class and not lower it.
0 clean.csv       cp $D/stale.csv clean1.csv; cp $D/stale.csv.sdc clean1.csv.sdc; geojoin $A $P clean1.csv
  stderr: the file counts as personal at least: the file has changed since it was labelled
0 clean.csv       cp $D/clean.csv .; echo '{' > clean.csv.sdc; geojoin $A $P clean.csv
  stderr: not JSON
0 special.csv     cp $D/clean.csv other.csv; echo '{' > other.csv.sdc; geojoin $A $P -q other.csv
4 -               cp $D/clean.csv .; echo '{' > clean.csv.sdc; geojoin $A $P --release clean.csv
  stderr: refused
# A label holds for a table in one file, whatever it is called; else the digest says nothing about the rest. (VRT is not read at all.)
L='label() { printf "{\"sdc\": 1, \"class\": \"open\", \"blake2b\": \"%s\"}" "$(b2sum -l 256 < $1 | cut -c 1-64)" > $1.sdc; }; R="-oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -a_srs EPSG:27700 -lco ENCODING=UTF-8 -q"'
0 -               eval "$L"; cp $D/clean.csv r.csv; gzip -k r.csv; ogr2ogr r.gpkg r.csv ${R%-lco*}; ogr2ogr r.fgb r.csv ${R%-lco*}; ogr2ogr r.geojson r.csv ${R%-lco*}; gzip -k r.geojson; ogr2ogr r.shp r.csv $R; zip -q r.zip r.shp r.shx r.dbf r.prj; for f in r.csv r.csv.gz r.gpkg r.fgb r.geojson r.geojson.gz r.zip; do label $f; geojoin $A $P --release -o $f.out.csv $f || echo $f; done
  needs: zip
0 -               eval "$L"; ogr2ogr q.shp $D/clean.csv $R; ogr2ogr q.tab $D/clean.csv ${R%-lco*}; ogr2ogr q.mif $D/clean.csv ${R%-lco*}; ogr2ogr -f GML q.gml $D/clean.csv ${R%-lco*}; for n in q.vrt q.any; do echo "<OGRVRTDataSource><OGRVRTLayer name='q'><SrcDataSource relativeToVRT='1'>q.shp</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>" > $n; done; gzip -k q.any; for f in q.shp q.dbf q.tab q.mif q.gml q.vrt q.any q.any.gz; do label $f; geojoin $A $P --release --crs EPSG:27700 $f 2> err; s=$?; case $f in q.vrt | q.any*) want=1 ;; *) want=4 ;; esac; [ $s = $want ] && grep -q 'may be more than the one file' err || { echo $f; cat err; }; done
0 -               eval "$L"; ogr2ogr r.gpkg $D/clean.csv ${R%-lco*}; label r.gpkg; touch r.gpkg-journal; geojoin $A $P --release r.gpkg 2> err; [ $? = 4 ] && grep -q 'close what has it open' err
# A label that is there and cannot be read: nobody knows what it says.
1 -               cp $D/clean.csv .; mkdir clean.csv.sdc; geojoin $A $P clean.csv
  stderr: cannot read label 'clean.csv.sdc': Is a directory
1 -               cp $D/clean.csv .; ln -s clean.csv.sdc clean.csv.sdc; geojoin $A $P clean.csv
  stderr: cannot open label 'clean.csv.sdc': Too many levels of symbolic links
1 -               n=clean$(printf 'x%.0s' {1..245}).csv; cp $D/clean.csv $n; geojoin $A $P $n
  stderr: File name too long

# ---- the gate ----
0 release.csv     geojoin $A $P --release $D/clean.csv
0 release.csv     geojoin $A $P --release -o r.csv $D/clean.csv && cat r.csv
  files: r.csv
0 release.csv     sed 's/$/,open/;1s/open$/sdc_class/' $D/clean.csv > clean2.csv; geojoin $A $P --release clean2.csv
0 release.csv     sed 's/^/OPEN,/;1s/OPEN/sdc_class/' $D/clean.csv > clean2.csv; geojoin $A $P --release clean2.csv
0 release.csv     sed 's/^/"open",/;1s/open/Sdc_Class/' $D/clean.csv > clean2.csv; geojoin $A $P --release clean2.csv
0 release_only.csv printf 'sdc_class,easting,northing\nopen,400500,300500\n' > clean2.csv; geojoin $A $P --release clean2.csv
0 release_count.csv geojoin $A $P --release --count --all-areas $D/clean.csv
0 release_gpkg.csv geojoin $A $P --release -o r.gpkg $D/clean.csv && ogr2ogr -f CSV /vsistdout/ r.gpkg
  files: r.gpkg
4 -               geojoin $A --release $D/clean.csv
  stderr: refused: a release may hold open records only
# Without rows too: names of columns can say things.
4 -               head -1 $D/clean.csv > h.csv; geojoin $A --release -o r.csv h.csv
  stderr: refused: a release may hold open records only
  files: h.csv
4 -               geojoin $A --release --unmatched only $D/clean.csv
  stderr: refused: a release may hold open records only
0 release_none.csv head -1 $D/clean.csv > clean2.csv; geojoin $A $P --release clean2.csv
# A table of areas that carries its class needs no sidecar.
0 open.csv        ogr2ogr -f GPKG a.gpkg $D/areas.geojson -sql "SELECT *, 'open' AS sdc_class FROM areas"; geojoin --areas a.gpkg --area-key code:ward $P $D/clean.csv
4 -               geojoin $A --release -o r.csv $D/clean.csv
  stderr: refused
  files:
4 -               geojoin $A --release -o r.gpkg $D/clean.csv
  stderr: refused
  files:
4 -               geojoin $A --release -o r.shp $D/clean.csv
  files:
4 -               geojoin $A --release --count -o r.csv $D/clean.csv
  files:
4 -               geojoin $A --release --count -o r.fgb $D/clean.csv
  files:
4 -               geojoin $A $P --release -o r.csv $D/classes.csv
  files:
4 -               geojoin $A $P --release --class official -o r.geojson $D/clean.csv
  files:
4 -               geojoin $A $P --release -o r.csv < $D/clean.csv
  files:
# What was there stays as it was when a release is refused.
4 kept.txt        echo old > r.csv; geojoin $A --release --force -o r.csv $D/clean.csv; s=$?; cat r.csv; exit $s
  files: r.csv
# One record of 60,000, near the end, is not open; and one in a lookup.
4 -               awk 'BEGIN {print "id,easting,northing,sdc_class"; for (i = 0; i < 60000; i++) printf "%d,%d,%d,%s\n", i, 400500, 300500, i == 59000 ? "official" : "open"}' > clean3.csv; geojoin $A $P --release -j 4 -o r.csv clean3.csv
  files: clean3.csv
4 -               cp $D/postcodes.csv other.csv; sed '2,$s/,/,SW1A 1AA,/2;1s/,/,pc,/2' $D/clean.csv > clean4.csv; geojoin $P --lookup other.csv --on pc=postcode --fields lsoa --release -o r.csv clean4.csv
  stderr: refused
  files: clean4.csv other.csv
# The class of a joined record in a lookup, too, is the record's own: one special row makes what it joins special.
0 lookup_class.csv printf 'k,v,sdc_class\na,1,open\nb,2,special\n' > cleanl.csv; printf 'id,k\n1,a\n2,b\n' > clean.csv; geojoin $P --lookup cleanl.csv --on k --fields v clean.csv | grep ^2
4 -               printf 'k,v,sdc_class\na,1,open\nb,2,special\n' > cleanl.csv; printf 'id,k\n1,a\n2,b\n' > clean.csv; geojoin $P --lookup cleanl.csv --on k --fields v --release -o r.csv clean.csv
  files: clean.csv cleanl.csv
# Two columns that claim to be the class: refused, never one of them carried out.
1 -               sed 's/$/,open,special/;1s/open,special$/sdc_class,sdc_class/' $D/clean.csv > clean5.csv; geojoin $A $P --release -o r.csv clean5.csv
  stderr: sdc_class
  files: clean5.csv
1 -               sed 's/$/,open,special/;1s/open,special$/sdc_class,SDC_CLASS/' $D/clean.csv > clean5.csv; geojoin $A $P --release -o r.csv clean5.csv
  stderr: sdc_class
  files: clean5.csv
# A class that is no text says nothing: special, and told.
3 class_int.csv   ogr2ogr -f GPKG c.gpkg $D/clean.csv -sql 'SELECT id, 1 AS sdc_class, easting, northing FROM clean' -oo X_POSSIBLE_NAMES=easting -oo Y_POSSIBLE_NAMES=northing -oo KEEP_GEOM_COLUMNS=YES -a_srs EPSG:27700 && geojoin $A c.gpkg | cut -d, -f2 | sort | uniq -c | tr -s ' '; exit ${PIPESTATUS[0]}
  stderr: sdc_class that is none
# An attached field may not pose as the class.
2 -               printf 'ward,fine\nE01,open\nE02,open\nE03,open\nE04,open\n' > clean6.csv; geojoin $A $P --lookup clean6.csv --on ward --fields fine:sdc_class -o r.csv $D/stale.csv
  stderr: sdc_class
  files: clean6.csv
2 -               geojoin $A --count=sdc_class $D/clean.csv
  stderr: sdc_class

# ---- the policy file ----
1 -               geojoin $A --policy none.policy $D/clean.csv
  stderr: cannot open policy 'none.policy'
1 -               printf 'dataset a.csv class open\nrelease everything\n' > p; geojoin $A --policy p $D/clean.csv
  stderr: policy 'p' line 2 column 9
1 -               printf 'dataset a.csv class open\nrelese reviewers 1\n' > p; geojoin $A --policy p $D/clean.csv
  stderr: policy 'p' line 2 column 1: there is no such rule (is it 'release'?)
1 -               printf 'class personal areas lsoa threshhold 10\n' > p; geojoin $A --policy p $D/clean.csv
  stderr: policy 'p' line 1 column 27: this is no level of areas, being nearly a word of the rule (is it 'threshold'?)
1 -               printf 'class personal areas lsoa threshold ten\n' > p; geojoin $A --policy p $D/clean.csv
  stderr: policy 'p' line 1 column 37: the threshold must be a whole number from 0 to 1000000
1 -               printf 'dataset a.csv class secret\n' > p; geojoin $A --policy p $D/clean.csv
  stderr: line 1 column 21: the class must be
1 -               printf 'dataset a.csv\n' > p; geojoin $A --policy p $D/clean.csv
  stderr: says no class
1 -               printf 'dataset "a.csv class open\n' > p; geojoin $A --policy p $D/clean.csv
  stderr: a closing quote is missing
1 -               mkdir p; geojoin $A --policy p $D/clean.csv
  stderr: cannot read policy 'p'

# The example of the manual, and a policy with all of the language in it.
0 special.csv     sed -n '/^policy "/,/^[.]Ed/{/^[.]Ed/d;p}' $BUILD_DIR/man/geo-policy.5 > p; geojoin $A --policy p $D/clean.csv
0 special.csv     geojoin $A --policy $D/../../corpus/policy/council $D/clean.csv

# A count of no records is still of what the file would hold: personal, unless labelled.
4 -               head -1 $D/clean.csv > none.csv; printf 'dataset areas* class open\n' > p; geojoin --policy p $A --count --all-areas --release none.csv

# Names of columns are made of values: a release is judged as a whole, also when no row is left.
4 -               printf 'id,easting,northing,who\n1,1,1,ZQX\n' > far.csv; printf 'dataset areas* class open\n' > p; geojoin --policy p $A --count --by who --unmatched drop --release far.csv

# Neither does a release to a pipe let go of the rows before the one that is refused: the 100,000th.
4 -               awk 'BEGIN {print "id,easting,northing,sdc_class"; for (i = 1; i <= 100000; i++) printf "%d,400500,300500,%s\n", i, i == 100000 ? "personal" : "open"}' > clean7.csv; geojoin $A $P --release clean7.csv
  stderr: refused: a release may hold open records only, and there are personal ones; nothing was written
  files: clean7.csv
4 -               awk 'BEGIN {print "id,easting,northing,sdc_class"; for (i = 1; i <= 100000; i++) printf "%d,400500,300500,%s\n", i, i == 100000 ? "personal" : "open"}' > clean7.csv; mkfifo p.csv; cat p.csv & geojoin $A $P --release -j 4 -o p.csv clean7.csv; s=$?; wait; exit $s
  files: clean7.csv p.csv
0 -               awk 'BEGIN {print "id,easting,northing,sdc_class"; for (i = 1; i <= 100000; i++) printf "%d,400500,300500,open\n", i}' > clean7.csv; geojoin $A $P --release -o r.csv clean7.csv; geojoin $A $P --release clean7.csv | cmp - r.csv
# The log of a GeoPackage stands beside the file itself, not beside a link to it.
4 -               eval "$L"; mkdir real; ogr2ogr real/r.gpkg $D/clean.csv ${R%-lco*}; ln -s real/r.gpkg l.gpkg; label l.gpkg; touch real/r.gpkg-wal; geojoin $A $P --release l.gpkg
  stderr: close what has it open
# Virtual tables of SQLite may read any file, whatever the label of theirs says.
1 -               ogr2ogr -f GPKG v.gpkg $D/clean.csv -nln v && sqlite3 v.gpkg "PRAGMA writable_schema=ON; INSERT INTO sqlite_master VALUES ('table', 'x using rtree(', 'x using rtree(', 0, 'CREATE VIRTUAL TABLE \"x using rtree(\" USING VirtualText(''/etc/passwd'', utf8, 0, comma)')" && geojoin --lookup v.gpkg --on id --fields note $D/clean.csv
  stderr: 'v.gpkg' holds virtual tables, which may read other files
  needs: sqlite3
