"""Train the byte-level BPE tokenizer and write it in the Hugging Face layout.

Usage: tokenizer.py --corpus DIR --out DIR

A newline run together with the indentation after it is one piece, so indentation merges; digits are
single; identifiers split at camelCase humps.
"""

import argparse
import json
import random
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL_TOKENS = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>",
                  "<|repo_name|>", "<|file_sep|>", "<|feedback|>"]
END, FIM_PREFIX, FIM_SUFFIX, FIM_MIDDLE, PAD, REPO_NAME, FILE_SEP, FEEDBACK = range(8)
VOCABULARY = 4096
TRAINING_CHARACTERS = 20_000_000
PIECES = (
    r"\r?\n[ \t]*"  # a line break with the indentation that follows
    r"|[ ]?[A-Z]?[a-z]+"  # a word, or one hump of a camelCase name
    r"|[ ]?[A-Z]+(?![a-z])"
    r"|[ ]?_+"
    r"|\d"
    r"|[ \t]+(?=\S)"
    r"|[ ]?[^\sA-Za-z0-9_]+"
    r"|\s+"
)


def build() -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PIECES), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def train(texts) -> Tokenizer:
    tokenizer = build()
    trainer = trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL_TOKENS, min_frequency=20,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    assert [tokenizer.token_to_id(t) for t in SPECIAL_TOKENS] == list(range(8))
    return tokenizer


def sample(corpus: Path) -> list[str]:
    texts = [json.loads(line)["text"] for line in open(corpus / "train.jsonl")]
    random.Random(0).shuffle(texts)
    chosen, size = [], 0
    for text in texts:
        chosen.append(text[:30_000])
        size += len(chosen[-1])
        if size > TRAINING_CHARACTERS:
            break
    return chosen


def save(tokenizer: Tokenizer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": SPECIAL_TOKENS[END],
        "pad_token": SPECIAL_TOKENS[PAD],
        "bos_token": None,
        "unk_token": None,
        "additional_special_tokens": SPECIAL_TOKENS[1:4] + SPECIAL_TOKENS[5:],
        "clean_up_tokenization_spaces": False,
        "model_max_length": 1024,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    tokenizer = train(sample(args.corpus))
    save(tokenizer, args.out)
    held = [json.loads(line)["text"][:20_000] for line in open(args.corpus / "held.jsonl")][:150]
    ids = tokenizer.encode_batch(held)
    assert all(tokenizer.decode(i.ids, skip_special_tokens=False) == t for i, t in zip(ids, held))
    size = sum(len(t.encode()) for t in held) / sum(len(i.ids) for i in ids)
    print(f"{tokenizer.get_vocab_size()} entries, {size:.2f} bytes per token on held-out packages")


if __name__ == "__main__":
    main()
