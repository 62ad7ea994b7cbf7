import type { UsageNode } from '../useStorage';

/** The boxes from the whole down to the one of an id; only the whole where there is no such box any more. */
export function wayTo(root: UsageNode, id: string | null): UsageNode[] {
  if (id === null || id === root.id) return [root];
  const search = (node: UsageNode): UsageNode[] | null => {
    if (node.id === id) return [node];
    for (const child of node.children ?? []) {
      const found = search(child);
      if (found !== null) return [node, ...found];
    }
    return null;
  };
  return search(root) ?? [root];
}

export interface Part {
  node: UsageNode;
  /** What is left over: its own, or too small to be listed. */
  rest: boolean;
}

/** What a box is made of, the largest first, with what is not listed as the last. */
export function partsOf(node: UsageNode, restName: string): Part[] {
  const children = [...(node.children ?? [])].sort((a, b) => b.sizeBytes - a.sizeBytes);
  const listed = children.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const parts: Part[] = children.filter(({ sizeBytes }) => sizeBytes > 0).map((child) => ({ node: child, rest: false }));
  const left = node.sizeBytes - listed;
  if (parts.length > 0 && left > 0) {
    const own: UsageNode = { id: `${node.id} rest`, name: restName, kind: 'other', sizeBytes: left, ref: null, path: null, children: [] };
    parts.push({ node: own, rest: true });
    parts.sort((a, b) => b.node.sizeBytes - a.node.sizeBytes);
  }
  return parts;
}
