/**
 * SentencePiece tokenizers put a blank before every text and take one off the front of what they decode: right for a whole
 * text, wrong for a piece of one. Code is encoded and decoded in pieces, so here both are left out.
 */

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** tokenizer.json without the blank that is put before a text and taken off again; every other blank stays. */
export function withoutDummyBlank(json: Json): Json {
  return {
    ...json,
    normalizer: stages(json.normalizer, 'normalizers', (stage) => (stage.type === 'Prepend' ? [] : [stage])),
    pre_tokenizer: stages(json.pre_tokenizer, 'pretokenizers', preTokenizer),
    decoder: stages(json.decoder, 'decoders', decoder),
  };
}

function preTokenizer(stage: Json): Json[] {
  if (stage.type === 'ByteLevel') return [{ ...stage, add_prefix_space: false }];
  if (stage.type !== 'Metaspace') return [stage];
  return [{ ...stage, prepend_scheme: 'never', add_prefix_space: false }];
}

function decoder(stage: Json): Json[] {
  // Said in full, since the library's own takes the first blank off.
  if (stage.type === 'Metaspace')
    return [
      { type: 'Replace', pattern: { String: stage.replacement ?? '▁' }, content: ' ' },
      { type: 'Fuse' },
    ];
  if (stage.type !== 'Strip' || stage.content !== ' ') return [stage];
  return [{ ...stage, start: 0 }];
}

/** Each stage of a `Sequence`, or the only one, replaced by what `change` makes of it. */
function stages(value: unknown, key: string, change: (stage: Json) => Json[]): unknown {
  if (!isObject(value)) return value;
  const list = value.type === 'Sequence' && Array.isArray(value[key]) ? value[key] : [value];
  const changed = list.flatMap((stage) => (isObject(stage) ? change(stage) : [stage]));
  if (changed.length === 0) return null;
  return changed.length === 1 ? changed[0] : { type: 'Sequence', [key]: changed };
}
