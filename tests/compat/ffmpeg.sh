#!/bin/bash
# ffmpeg: makes a clip, transcodes it with two threads, scales it, takes it apart again.
# timeout: 600
. "$(dirname "$0")/../lib.sh"
need ffmpeg ffprobe
program ffmpeg ffmpeg -version

convert() {
	ffmpeg -hide_banner -loglevel error -nostdin -y "$@"
}

scenario() {
	local seconds=$1 exact='-flags:v +bitexact -flags:a +bitexact -fflags +bitexact -map_metadata -1 -threads 2'
	# Not mjpeg: with threads it gives other bytes each time by itself.
	# shellcheck disable=SC2086 # words
	convert -f lavfi -i "testsrc2=size=320x240:rate=25:duration=$seconds" -f lavfi -i "sine=f=440:duration=$seconds" \
		-c:v mpeg4 -q:v 4 -c:a pcm_s16le $exact clip.avi &&
		convert -threads 2 -i clip.avi -c:v libx264 -preset veryfast -c:a aac $exact clip.mp4 &&
		convert -threads 2 -i clip.mp4 -vf 'scale=160:120,hflip,unsharp,boxblur' -c:v mpeg4 -c:a flac $exact clip.mkv &&
		convert -threads 2 -i clip.mkv -f framemd5 $exact frames.md5 &&
		convert -ss 1 -i clip.mp4 -frames:v 2 $exact shot%d.png &&
		ffprobe -v error -show_entries format=nb_streams,size:stream=codec_name,nb_frames -of compact clip.mp4 &&
		tail -1 frames.md5 && convert -i nosuch.mp4 x.mp4
}
STATUS=1
same scenario "$(by_length 2 60)"
