#!/bin/sh
# The main job on the sample borough: service users to census areas and deprivation, counts for wards, one release and one refusal.
# usage: demo.sh BIN DATA OUT
set -eu
PATH=$1:$PATH
data=$2
out=$3
mkdir -p "$out"

# Status 3 is "done, and some records did not match": the borough has some planted that cannot.
run() { "$@" || [ $? -eq 3 ]; }
step() { printf '\n== %s\n' "$*"; }

step "Which output area and LSOA does each of 20,000 service users live in? (by coordinates)"
run geojoin --force -v -a "$data/oa.geojson.gz" -k oa_code --area-fields lsoa_code \
    -o "$out/users_oa.csv" "$data/service_users.csv.gz"

step "And how deprived is it? (postcode -> output area -> LSOA -> Index of Multiple Deprivation)"
run geojoin --force -v -l "$data/postcodes.csv.gz" --on postcode --fields oa_code \
    -l "$data/lookup_oa.csv.gz" --on oa_code --fields lsoa_code,ward_name \
    -l "$data/imd.csv.gz" --on lsoa_code --fields imd_decile \
    -o "$out/users_imd.csv" "$data/service_users.csv.gz"

step "Users and spending of each ward, by service, as a layer for a map"
run geojoin --force -q -a "$data/ward.geojson.gz" -k ward_code --area-fields ward_name --all-areas \
    --count=users --by service --sum spend -o "$out/ward_users.gpkg" "$data/service_users.csv.gz"

step "The same in a pipe: the five wards with most users"
gzip -dc "$data/service_users.csv.gz" |
    run geojoin -q -a "$data/ward.geojson.gz" -k ward_code --area-fields ward_name --unmatched drop --count=users --by service |
    sort -t, -k3,3nr | sed 5q

step "Open data may leave: libraries with their LSOA, as a release without sdc_class"
geojoin --force --release -a "$data/lsoa.geojson.gz" -k lsoa_code -o "$out/libraries_lsoa.csv" "$data/libraries.csv.gz"
head -n 3 "$out/libraries_lsoa.csv"

step "Personal data may not: the same for service users is refused (status 4), and no file is written"
rm -f "$out/users_release.csv"
status=0
geojoin -q --release -a "$data/lsoa.geojson.gz" -k lsoa_code -o "$out/users_release.csv" "$data/service_users.csv.gz" || status=$?
[ "$status" -eq 4 ] && [ ! -e "$out/users_release.csv" ]

export GEO_LEDGER=$out/ledger
step "What may? Users by output area and age, checked against the policy that is built in"
gzip -dc "$data/service_users.csv.gz" | run geojoin -q -a "$data/oa.geojson.gz" -k oa_code -o "$out/users_places.csv" --force
geosdc check -q --area oa_code --by age_band --lookup "$data/lookup_oa.csv.gz" "$out/users_places.csv" || [ $? -eq 4 ]

step "Released: each area at the finest level at which it is safe; attacked, compared with earlier releases, written down"
run geosdc release -q -v --force --to public --population 'service users' --reviewer 'A. Colleague' --area oa_code --by age_band \
    --lookup "$data/lookup_oa.csv.gz" -o "$out/users_public.csv" "$out/users_places.csv"
head -n 4 "$out/users_public.csv"
geosdc verify "$out/users_public.csv" | cut -c 1-120

printf '\nThe results are in %s:\n' "$out"
ls -l "$out"
