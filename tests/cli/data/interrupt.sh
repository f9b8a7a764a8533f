#!/bin/bash
# interrupt.sh SIGNAL OUTPUT THREADS BYTES: start geojoin on a pipe that gives BYTES of good records and then nothing, send SIGNAL, and
# exit with the status of geojoin; 99 when it is still there after 3 s. For tests/cli/process.t.
signal=$1 output=$2 threads=$3 bytes=$4
mkfifo in
{
    awk -v bytes="$bytes" 'BEGIN {print "id,easting,northing"; for (i = 0; i * 21 < bytes; i++) printf "%06d,400500,300500\n", i}'
    exec sleep 8
} > in &
feeder=$!
env --default-signal=INT,QUIT geojoin --areas "$D/areas.geojson" --area-key code -j "$threads" -o "$output" < in &
pid=$!
sleep 0.4
kill -"$signal" $pid
for _ in $(seq 30); do
    kill -0 $pid 2> /dev/null || break
    sleep 0.1
done
if kill -0 $pid 2> /dev/null; then
    kill -KILL $pid
    kill $feeder
    rm -f in
    exit 99
fi
wait $pid
status=$?
kill $feeder 2> /dev/null
rm -f in
exit $status
