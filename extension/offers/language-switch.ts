/** The setting `hindsight.languages`: completions on or off by language, `*` for those that are not named. */
export function languageSwitch(languages: Readonly<Record<string, unknown>>, languageId: string): boolean {
  const own = languages[languageId];
  if (typeof own === 'boolean') return own;
  const rest = languages['*'];
  return typeof rest === 'boolean' ? rest : true;
}
