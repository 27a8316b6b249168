# Meters a capture with NFStream: statistics of packets and times, no dissection, one meter. Prints the number of flows.
# usage: nfstream_meter.py <capture>
import sys

from nfstream import NFStreamer

if len(sys.argv) > 1:
    streamer = NFStreamer(
        source=sys.argv[1],
        statistical_analysis=True,
        n_dissections=0,
        n_meters=1,
        idle_timeout=120,
        active_timeout=1800,
    )
    print(sum(1 for _ in streamer))
