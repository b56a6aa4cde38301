#!/bin/sh
# Reproduces the embedded model: fetches the corpus, trains, exports and measures. About five hours on two cores.
# HINDSIGHT_WORK is a scratch folder of some GB outside the repository; PYTHON and STDLIB may be set too.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=${HINDSIGHT_WORK:?a scratch folder outside the repository}
model=${MODEL:-$here/../media/model}
fixtures=${FIXTURES:-$here/../test/fixtures}
minutes=${MINUTES:-90}
decay=${DECAY:-36}

mkdir -p "$work/npm" "$work/pip"
if [ ! -d "$work/venv" ]; then
  "${PYTHON:-python3}" -m venv "$work/venv"
  "$work/venv/bin/pip" install -q -r "$here/requirements.txt"
fi
python=$work/venv/bin/python
stdlib=${STDLIB:-$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')}

if [ ! -e "$work/corpus/train.jsonl" ]; then
  (cd "$work/npm" && xargs -P 3 -I{} sh -c 'npm pack --silent "{}" >/dev/null || echo "not fetched: {}"' <"$here/packages-npm.txt")
  (cd "$work/pip" && xargs -P 3 -I{} sh -c '"$0" -m pip download --no-deps --only-binary=:all: -q "{}" || echo "not fetched: {}"' "$python" \
    <"$here/packages-pip.txt")
  "$python" "$here/corpus.py" --npm "$work/npm" --pip "$work/pip" --stdlib "$stdlib" --out "$work/corpus"
fi
[ -e "$work/tokenizer/tokenizer.json" ] || "$python" "$here/tokenizer.py" --corpus "$work/corpus" --out "$work/tokenizer"
"$python" "$here/cases.py" --corpus "$work/corpus" --out "$work/cases" --fixtures "$fixtures" --model "$model"

# glibc would give every large tensor back to the system at once: keeping the memory is worth 40 % of speed.
export OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=0 TOKENIZERS_PARALLELISM=false
export MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=4000000000 MALLOC_TOP_PAD_=500000000
common="--corpus $work/corpus --tokenizer $work/tokenizer"
train() { out=$1; shift; [ -e "$work/$out" ] || "$python" "$here/pretrain.py" $common --out "$work/$out" "$@"; }

# Part one, a schedule in three calls: stable at 512 tokens, then a decay whose last third runs at 1,024.
late=$((decay / 3))
train stable.pt --minutes "$minutes" --feedback 0.45 --text 0.12
train decay.pt --resume "$work/stable.pt" --seed 2 --minutes "$((decay - late))" --decay-minutes "$decay" --decay-offset "$late" --feedback 0.50 --text 0.10
train first.pt --resume "$work/decay.pt" --seed 3 --length 1024 --minutes "$late" --decay-minutes "$decay" --feedback 0.50 --text 0.10
first=$("$python" "$here/export.py" --checkpoint "$work/first.pt" --tokenizer "$work/tokenizer" --out "$work/first" --average)

# Part two starts from part one's weights with a fresh optimizer: less feedback, more fill-in-the-middle; decay over the last two thirds.
more=${MORE:-66}
again=$((more * 2 / 3))
last=$((more / 3))
train again.pt --from "$work/first" --seed 12 --peak 0.5 --minutes "$((more - last))" --decay-minutes "$again" --decay-offset "$last" --feedback 0.30 --text 0.15
train second.pt --resume "$work/again.pt" --seed 13 --peak 0.5 --length 1024 --minutes "$last" --decay-minutes "$again" --feedback 0.42 --text 0.12
second=$("$python" "$here/export.py" --checkpoint "$work/second.pt" --tokenizer "$work/tokenizer" --out "$work/second" --average)

# Part three is as part two, with more plain text and less feedback again; almost all of it is decay.
third=${THIRD:-70}
last=$((third * 2 / 7))
again=$((third * 6 / 7))
train third.pt --from "$work/second" --seed 21 --peak 0.6 --minutes "$((third - last))" --decay-minutes "$again" --decay-offset "$last" --feedback 0.28 --text 0.20
train final.pt --resume "$work/third.pt" --seed 22 --peak 0.6 --length 1024 --minutes "$last" --decay-minutes "$again" --feedback 0.36 --text 0.18

measure="$here/evaluate.py --every 2 --corpus $work/corpus --cases $work/cases"
"$python" "$here/export.py" --checkpoint "$work/final.pt" --tokenizer "$work/tokenizer" --out "$model" --average
"$python" $measure --model "$work/second" --out "$work/second-figures.json"
"$python" $measure --model "$model" --out "$work/figures.json"
"$python" "$here/card.py" --model "$model" --figures "$work/figures.json" --checkpoint "$work/final.pt" \
  --earlier "$first; $second" --earlier-figures "$work/second-figures.json"
