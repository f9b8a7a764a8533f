# geosdc: labels, masks, releases, the ledger, and whether a file is what was released.
Q=--area oa --by age --count n --lookup $D/sdc_lookup.csv --policy $D/sdc.policy
R=geosdc release --to public --population people --author ann --reviewer bob --ledger led --area oa --by age --count n --lookup $D/sdc_lookup.csv --policy $D/sdc.policy

# ---- a release: no column of classes, an entry in the ledger, a label; and the file is what was released, until it changes ----
0 sdc_released.csv $R -o r.csv $D/sdc_counts.csv && cat r.csv
  files: led r.csv r.csv.sdc
0 *               $R -o r.csv $D/sdc_counts.csv && geosdc verify --ledger led r.csv
  stdout: "population":"people"
  stdout: "policy":{"blake2b"
1 -               $R -o r.csv $D/sdc_counts.csv && echo >> r.csv && geosdc verify --ledger led r.csv
  stderr: no release is exactly this file
0 sdc_released.csv $R $D/sdc_counts.csv
0 *               $R -o r.csv $D/sdc_counts.csv && geosdc ledger list --ledger led && geosdc ledger show 1 --restricted --ledger led
  stdout: "reviewers":["bob"]
# From then on it is open: a tool may release what is made of it. What went to a hospital may not.
0 *               $R -o r.csv --tables oa $D/sdc_counts.csv; printf 'oa\nA1\n' > k.csv; geojoin --release --policy <(echo 'dataset k.csv class open') --lookup r.csv --on oa --fields n:people k.csv
  stdout: A1,27
4 -               $R -o r.csv --to hospital --levels lsoa_code --tables lsoa_code $D/sdc_counts.csv; printf 'oa\nA\n' > k.csv; geojoin --release --policy <(echo 'dataset k.csv class open') --lookup r.csv --on oa --fields n:people k.csv
  stderr: refused: a release may hold open records only, and there are personal ones
# The public statement holds no threshold and no names; the restricted part does.
0 *               $R -o r.csv $D/sdc_counts.csv && geosdc ledger list --ledger led | grep -cE 'threshold|ann|bob|sdc_counts' | grep -qx 0

# ---- who: the author is no reviewer, and the policy may ask for several ----
4 -               $R --reviewer ann -o r.csv $D/sdc_counts.csv
  stderr: refused: who releases cannot be the reviewer too
  files:
4 -               $R --policy <(cat $D/sdc.policy; echo 'release reviewers 2') -o r.csv $D/sdc_counts.csv
  stderr: refused: the policy asks for 2 reviewers, and there is 1
  files:
4 -               $R --policy <(cat $D/sdc.policy; echo 'release reviewers 2') --reviewer Bob -o r.csv $D/sdc_counts.csv
  stderr: and there is 1
0 *               $R --policy <(cat $D/sdc.policy; echo 'release reviewers 2') --reviewer cid -o r.csv $D/sdc_counts.csv
# A policy past its review is told, and holds.
0 *               $R --policy <(sed 's/^review.*/review 2026-02-01/' $D/sdc.policy) -o r.csv $D/sdc_counts.csv
  stderr: review

# ---- what is refused leaves nothing ----
4 -               $R --to press -o r.csv $D/sdc_counts.csv
  stderr: refused: the policy lets nothing that is personal go to 'press'
  files: led
4 -               $R --to hospital -o r.csv $D/sdc_counts.csv
  stderr: refused: 
  files: led
2 -               $R -o r.csv $D/sdc_counts.csv && $R -o r.csv $D/sdc_counts.csv
  stderr: 'r.csv' exists: add --force
1 -               mkdir led; chmod 500 led; echo x > led.db; $R --ledger led.db -o r.csv $D/sdc_counts.csv
  stderr: led.db
  files: led led.db
# A raster made of people has no rules yet.
4 -               needs=x; $R -o r.csv $BUILD_DIR/sample-data/habitat_tree_cover.tif
  stderr: there are no rules yet by which one could be released

# ---- a table that was protected before is taken as it is, if every rule is kept ----
0 *               geosdc protect --ledger led $Q --to hospital --tables lsoa_code:age $D/sdc_counts.csv > p.csv && $R --to hospital --area oa=lsoa_code -o r.csv p.csv && diff <(sed 's/,personal//; s/,sdc_class//' p.csv) r.csv
4 -               printf 'oa,age,n\nA,old,[low]\nA,young,3\n' > p.csv; $R --to hospital --area oa=lsoa_code --mark '[low]' -o r.csv p.csv
  stderr: refused: 1 of 4 cells break a rule, though others are hidden already

# ---- differences: what two releases tell together ----
# Records of two dates that differ by three people in one cell, shown exactly in both.
4 -               $R -o r.csv $D/sdc_counts.csv && sed 's/^A1,old,12/A1,old,15/' $D/sdc_counts.csv > later.csv && $R -o r2.csv later.csv
  stderr: refused: compared with release 1 it tells what both hide
  files: later.csv led r.csv r.csv.sdc
# Of another population it is nobody's business.
0 *               $R -o r.csv $D/sdc_counts.csv && sed 's/^A1,old,12/A1,old,15/' $D/sdc_counts.csv > later.csv && $R --population others -o r2.csv later.csv
# The same once more tells nothing new.
0 *               $R -o r.csv $D/sdc_counts.csv && $R -o r2.csv $D/sdc_counts.csv && cmp r.csv r2.csv

# ---- labels ----
0 *               printf 'a\n1\n' > o.csv; geosdc label --class open --source us --licence OGL-UK-3.0 --ledger led o.csv && cat o.csv.sdc
  stdout: "class": "open"
2 -               printf 'a\n1\n' > o.csv; geosdc label --class secret --ledger led o.csv
  stderr: open, official, personal or special
2 -               printf 'a\n1\n' > o.csv; geosdc label --class special --ledger led o.csv && geosdc label --class open --ledger led o.csv
0 *               printf 'a\n1\n' > o.csv; geosdc label --class special --ledger led o.csv && geosdc label --class open --force --ledger led o.csv && geosdc ledger list --ledger led | grep -c label | grep -qx 2

# ---- the ledger: every changed byte ----
0 *               $R -o r.csv $D/sdc_counts.csv && geosdc ledger verify --ledger led
  stdout: 1 entries, every byte as it was written; head
1 -               $R -o r.csv $D/sdc_counts.csv && chmod u+w led/ledger.db && printf X | dd of=led/ledger.db bs=1 seek=5000 conv=notrunc status=none && geosdc ledger verify --ledger led
  stderr: ledger 'led'
1 -               $R -o r.csv $D/sdc_counts.csv && chmod u+w led/ledger.db && printf X | dd of=led/ledger.db bs=1 seek=5000 conv=notrunc status=none && $R -o r2.csv $D/sdc_counts.csv
  files: led r.csv r.csv.sdc
1 -               $R -o r.csv $D/sdc_counts.csv && geosdc ledger verify --head 0000000000000000000000000000000000000000000000000000000000000000 --ledger led
  stderr: written anew

# ---- masks: k addresses, fields by allow-list, the order of places ----
0 sdc_masked.csv  awk 'BEGIN {print "easting,northing"; for (i = 0; i < 40; i++) print 400000 + i % 8 * 10 "," 300000 + int(i / 8) * 10}' > a.csv; printf 'name,kind,easting,northing\nZQX,one,400071,300031\nZQX,two,400002,300002\n' > p.csv; geosdc mask --way snap --k 8 --addresses a.csv --fields kind p.csv
3 sdc_no_masks.csv awk 'BEGIN {print "easting,northing"; for (i = 0; i < 40; i++) print 400000 + i * 1000 "," 300000}' > a.csv; printf 'name,easting,northing\nZQX,400001,300001\n' > p.csv; geosdc mask --way donut --k 20 --most 500 --ledger led --addresses a.csv p.csv
  stderr: 1 of 1 points are left out
