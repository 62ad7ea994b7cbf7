/** A file that somebody gave, and where it lies below what was given: '' or 'photos/2026'. */
export interface Picked {
  file: File;
  folder: string;
}

const folderOf = (path: string): string => path.split('/').slice(0, -1).join('/');

/** The files of an `<input type="file">`; with `webkitdirectory` they know their folders. */
export const fromInput = (files: Iterable<File>): Picked[] =>
  [...files].map((file) => ({ file, folder: folderOf(file.webkitRelativePath) }));

/** Everything that was dropped, folders with what is in them. What is dropped can only be read before the event ends. */
export async function fromDrop(transfer: DataTransfer): Promise<Picked[]> {
  const files = [...transfer.files];
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return fromInput(files);
  const found: Picked[] = [];
  for (const entry of entries) await walk(entry, '', found);
  return found;
}

async function walk(entry: FileSystemEntry, folder: string, found: Picked[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ file, folder });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside = folder === '' ? entry.name : `${folder}/${entry.name}`;
  for (;;) {
    // A reader hands out a hundred at a time, and nothing in the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const each of some) await walk(each, inside, found);
  }
}
