export interface TreeFolder<File> {
  kind: "folder";
  /** The name below its parent; folders with one child only are joined, like "etc/postfix". */
  name: string;
  path: string;
  children: readonly TreeNode<File>[];
}
export interface TreeFile<File> {
  kind: "file";
  name: string;
  path: string;
  file: File;
}
export type TreeNode<File> = TreeFolder<File> | TreeFile<File>;

interface Draft<File> {
  folders: Map<string, Draft<File>>;
  files: Map<string, File>;
}

/** Arranges files by their folders: folders first, both by name. */
export function fileTree<File extends { path: string }>(files: readonly File[]): readonly TreeNode<File>[] {
  const root: Draft<File> = { folders: new Map(), files: new Map() };
  for (const file of files) {
    const parts = file.path.split("/").filter(Boolean);
    const name = parts.pop() ?? "";
    let folder = root;
    for (const part of parts) {
      const next = folder.folders.get(part) ?? { folders: new Map(), files: new Map() };
      folder.folders.set(part, next);
      folder = next;
    }
    folder.files.set(name, file);
  }
  return nodes(root, "");
}

function nodes<File extends { path: string }>(draft: Draft<File>, parent: string): readonly TreeNode<File>[] {
  const folders = [...draft.folders].map(([name, folder]) =>
    joined(folder, { name, path: `${parent}/${name}` }),
  );
  const files = [...draft.files].map(
    ([name, file]): TreeNode<File> => ({ kind: "file", name, path: file.path, file }),
  );
  const byName = (a: TreeNode<File>, b: TreeNode<File>) => (a.name < b.name ? -1 : 1);
  return [...folders.sort(byName), ...files.sort(byName)];
}

function joined<File extends { path: string }>(
  folder: Draft<File>,
  at: { name: string; path: string },
): TreeFolder<File> {
  const [only, ...others] = folder.folders;
  if (only !== undefined && others.length === 0 && folder.files.size === 0) {
    const [name, child] = only;
    return joined(child, { name: `${at.name}/${name}`, path: `${at.path}/${name}` });
  }
  return { kind: "folder", ...at, children: nodes(folder, at.path) };
}
