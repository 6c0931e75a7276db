#!/usr/bin/env bash
# Repeats the English to German result of docs/results.md. Three translators and one of the other direction make more
# training data from Multi30k's own; three more learn from all of it; val and test_2016_flickr are scored.
#
#   examples/multi30k-en-de.sh CORPORA FOLDER [KEY=VALUE...]
#
# CORPORA holds multi30k/tok/{train,val,test_2016_flickr}.{en,de}.gz. FOLDER receives all files; existing ones are not
# made again, and a stopped training continues. KEY=VALUE are settings of every training, such as train.precision=bf16.
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: $0 CORPORA FOLDER [KEY=VALUE...]" >&2
  exit 2
fi
corpora=$(cd "$1" && pwd)
mkdir -p "$2"
out=$(cd "$2" && pwd)
settings=("${@:3}")
root=$(cd "$(dirname "$0")/.." && pwd)
(cd "$root" && go build -o "$out/retell" ./cmd/retell)
cd "$out"

for part in train val test_2016_flickr; do
  for language in en de; do
    gzip -dc "$corpora/multi30k/tok/$part.$language.gz" > "$part.$language"
  done
done

# train MODEL RECIPE KEY=VALUE...; a training that has ended is left as it is
train() {
  ./retell train --recipe "$2" data.root="$corpora" "${@:3}" ${settings[@]+"${settings[@]}"} -o "$1.retell"
}

# translate FILE FLAGS... < LINES
translate() {
  if [ ! -e "$1" ]; then
    ./retell translate "${@:2}" > "$1.part"
    mv "$1.part" "$1"
  fi
}

for seed in 1 2 3; do
  train given.$seed multi30k-tok-en-de train.seed=$seed
done
train back multi30k-tok-de-en
translate made.de -m given.1.retell -m given.2.retell -m given.3.retell < train.en
translate made.en -m back.retell --replace-unk < train.de
cat train.en train.en made.en > more.en
cat train.de made.de train.de > more.de

more=(multi30k-tok-en-de data.train_source="$out/more.en" data.train_target="$out/more.de" train.epochs=6)
wide=(model.encoder.hidden=640 model.encoder.embedding=256 model.decoder.hidden=512 model.decoder.embedding=256)
train wide.3 "${more[@]}" "${wide[@]}" train.seed=3
train wide.4 "${more[@]}" "${wide[@]}" train.seed=4
train plain "${more[@]}" train.seed=1

for part in val test_2016_flickr; do
  translate $part.single -m wide.3.retell < $part.en
  translate $part.ensemble -m wide.3.retell -m wide.4.retell -m plain.retell < $part.en
  ./retell score $part.single $part.de --metric bleu:tok=none
  ./retell score $part.ensemble $part.de --metric bleu:tok=none
done
