/** What the editor's state says of a place: the open documents, their changes and problems, the project's other files. */
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorMessage } from '../base/errors';
import { filePath } from '../base/file-path';
import { displayPath } from '../documents';
import { DiskFiles } from '../prompt-context/disk-files';
import { EditJournal } from '../prompt-context/edit-journal';
import { ContextGatherer } from '../prompt-context/gather';
import { ContextKeeper } from '../prompt-context/keeper';
import type { ContextPart, Problem, ProjectFile } from '../prompt-context/types';
import type { ClientNotifications } from '../protocol/messages';

type Message<Name extends keyof ClientNotifications> = ClientNotifications[`${Name}`];

export interface PlaceContextNeeds {
  /** Absolute paths of the workspace folders. */
  folders(): readonly string[];
  /** Why nothing of a document may be shown to the model; null where it may. */
  excludedBecause(uri: string): Promise<string | null>;
  log(text: string): void;
}

/** Where context is asked for. */
export interface ContextRequest {
  uri: string;
  path: string;
  languageId: string;
  prefix: string;
  suffix: string;
  /** The whole document. */
  text: string;
  /** From 0. */
  line: number;
}

/** Changes that nobody typed. */
const BY_PROGRAM: readonly Message<'hindsight/editReason'>['reason'][] = [
  'program',
  'format',
  'checkout',
  'reload',
];
const MOST_DOCUMENTS = 24;

export class PlaceContext {
  private readonly gatherer = new ContextGatherer();
  private readonly journal = new EditJournal();
  private readonly keeper: ContextKeeper;
  /** Documents by URI with their texts, the one used last at the end. Closed ones are recent too, without a text. */
  private readonly documents = new Map<string, string | null>();
  private readonly problems = new Map<string, Message<'hindsight/diagnostics'>['items']>();
  private readonly declaredAt = new Map<string, Message<'hindsight/cursor'>['declared']>();
  private readonly files = new Map<string, DiskFiles>();

  constructor(private readonly needs: PlaceContextNeeds) {
    this.keeper = new ContextKeeper((error) => needs.log(`Context: ${errorMessage(error)}`));
  }

  opened({ uri, text }: { uri: string; text: string }): void {
    this.use(uri, text);
  }

  changed({
    uri,
    version,
    before,
    after,
  }: {
    uri: string;
    version: number;
    before: string;
    after: string;
  }): void {
    this.use(uri, after);
    const path = displayPath(uri, this.needs.folders());
    this.journal.changed({ uri, path, version, before, after });
    this.keeper.changed(uri);
  }

  editReason({ uri, version, reason }: Message<'hindsight/editReason'>): void {
    if (BY_PROGRAM.includes(reason)) this.journal.madeByProgram(uri, version);
  }

  diagnostics({ uri, items }: Message<'hindsight/diagnostics'>): void {
    if (items.length === 0) this.problems.delete(uri);
    else this.problems.set(uri, items);
  }

  /** Where names near a document's cursor are declared. */
  declared(uri: string, places: Message<'hindsight/cursor'>['declared']): void {
    if (places.length > 0) this.declaredAt.set(uri, places);
  }

  closed(uri: string): void {
    this.declaredAt.delete(uri);
    this.documents.set(uri, null);
    this.problems.delete(uri);
    this.journal.closed(uri);
    this.keeper.closed(uri);
  }

  /** Folders or settings have changed: what may be shown may be another thing now. */
  reset(): void {
    this.files.clear();
    this.keeper.clear();
  }

  /** In the order in which the prompt shows it. Stays the same while one types in one region; never waited for long. */
  at(request: ContextRequest): Promise<readonly ContextPart[]> {
    return this.keeper.at(request, () => this.gather(request));
  }

  private async gather({ uri, line, ...place }: ContextRequest): Promise<ContextPart[]> {
    const edits = [];
    for (const edit of this.journal.recent({ uri, line })) {
      if ((await this.needs.excludedBecause(edit.uri)) === null) edits.push(edit);
    }
    const items = this.problems.get(uri) ?? [];
    const problems = items.map(
      ({ range, message }): Problem => ({ path: place.path, line: range.start.line + 1, message }),
    );
    const root = this.rootOf(uri);
    const declared = (this.declaredAt.get(uri) ?? []).flatMap((one) => {
      const file = filePath(one.uri);
      return file !== null && isBelow(file, root)
        ? [{ path: displayPath(one.uri, [root]), line: one.line }]
        : [];
    });
    const files = this.filesIn(root);
    return this.gatherer.gather(place, { files, edits, problems, declared, line: line + 1 });
  }

  private use(uri: string, text: string): void {
    this.documents.delete(uri);
    this.documents.set(uri, text);
    if (this.documents.size <= MOST_DOCUMENTS) return;
    // Those that are closed go first: what is open has to be read as it stands in the editor.
    const closed = [...this.documents].find(([, one]) => one === null);
    if (closed) this.documents.delete(closed[0]);
  }

  /** The document's workspace folder, or its own folder where it lies in none; '' for what is no file. */
  private rootOf(uri: string): string {
    const file = filePath(uri);
    if (file === null) return '';
    return this.needs.folders().find((one) => isBelow(file, one)) ?? dirname(file);
  }

  private filesIn(root: string): DiskFiles {
    const known = this.files.get(root);
    if (known) return known;
    const made = new DiskFiles({
      root,
      mayRead: async (path) => (await this.needs.excludedBecause(pathToFileURL(path).href)) === null,
      open: () => this.openBelow(root),
      used: () => this.usedBelow(root),
    });
    this.files.set(root, made);
    return made;
  }

  private usedBelow(root: string): string[] {
    const files = [...this.documents.keys()].map((uri) => ({ uri, file: filePath(uri) }));
    return files
      .filter(({ file }) => file !== null && isBelow(file, root))
      .map(({ uri }) => displayPath(uri, [root]));
  }

  private openBelow(root: string): ProjectFile[] {
    return [...this.documents].flatMap(([uri, text]) => {
      const file = filePath(uri);
      if (file === null || text === null || !isBelow(file, root)) return [];
      return [{ path: displayPath(uri, [root]), text }];
    });
  }
}

const isBelow = (file: string, folder: string): boolean =>
  folder !== '' && (file.startsWith(`${folder}/`) || file.startsWith(`${folder}\\`));
