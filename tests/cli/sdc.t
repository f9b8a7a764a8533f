# geosdc: tables against the rules of a policy, made safe, attacked, released.
Q=--area oa --by age --count n --lookup $D/sdc_lookup.csv --policy $D/sdc.policy

# ---- which command ----
2 -               geosdc
  stderr: say which command
2 -               geosdc chek
  stderr: there is no command 'chek'
0 *               geosdc --help
  stdout: protect

# ---- check: the table, coarser areas, fewer categories; the finest that passes ----
# By hand: B1 has 3 old, C1 has 2: two of 14 cells; LSOAs have C's 2 alone, MSOAs nobody below 10.
4 sdc_check.csv   geosdc check $Q $D/sdc_counts.csv
  stderr: unsafe: oa by age has 2 unsafe of 14 cells; the finest that passes: oa, 7 cells
4 sdc_check.csv   geosdc check $Q < $D/sdc_counts.csv
0 *               geosdc check $Q --tables msoa_code:age $D/sdc_counts.csv
4 *               geosdc check $Q --tables lsoa_code:age $D/sdc_counts.csv
  stderr: has 1 unsafe of 8 cells
# Open records need nothing; official ones have a threshold of 5.
0 *               geosdc check $Q --class open $D/sdc_counts.csv --policy <(cat $D/sdc.policy; echo 'dataset sdc_counts.csv class open')
4 *               geosdc check $Q $D/sdc_counts.csv --policy <(cat $D/sdc.policy; echo 'dataset sdc_counts.csv class official')
  stderr: has 2 unsafe of 14 cells
# Special records go by LSOA at the finest, and the old of B would be 17.
4 *               geosdc check $Q --class special $D/sdc_counts.csv
  stderr: and its areas are finer than the policy allows
# For whom: an audience of the policy, and no other.
4 *               geosdc check $Q --to hospital $D/sdc_counts.csv
  stderr: finer than the policy allows
2 -               geosdc check $Q --to nobody $D/sdc_counts.csv
  stderr: no rule of the policy is for 'nobody'
# Records to be counted; those without an area are left out and told.
4 sdc_records.csv printf 'oa,age\nA1,old\nA1,old\n,old\nB1,young\n' > r.csv; geosdc check --area oa --by age --lookup $D/sdc_lookup.csv --policy $D/sdc.policy r.csv
  stderr: 1 record has no key: line 4

# ---- coarsen: adaptive, uniform; what is never safe is hidden, and with it what would give it away ----
# By hand: B1 takes B2 along into B, and C1 goes to CD with D1 and D2, as C alone has 2; A stays apart.
0 sdc_coarse.csv  geosdc protect $Q $D/sdc_counts.csv
# All go to MSOAs, since C needs to.
0 sdc_uniform.csv geosdc protect $Q --uniform --method coarsen $D/sdc_counts.csv
# What is coarsened passes.
0 *               geosdc protect $Q $D/sdc_counts.csv > safe.csv; geosdc check $Q safe.csv
# The press gets nothing.
4 -               geosdc protect $Q --to press $D/sdc_counts.csv
  stderr: refused: the policy lets nothing that is personal go to 'press'

# ---- bad input: named by its row, nothing written, no value in any message ----
1 -               sed 's/^B1,old,3/B1,old,ZQX/' $D/sdc_counts.csv > t.csv; geosdc protect $Q -o out.csv t.csv
  stderr: 't.csv' line 6: the count in field 'n' is neither a number nor one of the marks
  files: t.csv
1 -               sed 's/^B1,old,3/B1,old,-3/' $D/sdc_counts.csv > t.csv; geosdc check $Q t.csv > o; cat o | wc -l | grep -q 1 && exit 1
  stderr: is negative
1 -               sed 's/^B1,old/ZQX,old/' $D/sdc_counts.csv > t.csv; geosdc protect $Q t.csv
  stderr: 't.csv' line 6: the area in field 'oa' is not in the lookups
1 -               cat $D/sdc_counts.csv <(tail -1 $D/sdc_counts.csv) > t.csv; geosdc protect $Q t.csv
  stderr: 't.csv' line 16: this cell stands in an earlier row already
1 -               head -1 $D/sdc_counts.csv > t.csv; geosdc protect $Q t.csv
  stderr: 't.csv' has no rows
1 -               cat $D/sdc_counts.csv <(echo A1,Total,99) > t.csv; geosdc protect $Q t.csv
  stderr: the totals of oa do not add up
1 -               geosdc protect $Q --policy none $D/sdc_counts.csv
  stderr: cannot open policy 'none'
