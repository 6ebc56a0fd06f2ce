/** The element with this id, of this class; index.html and the code disagree otherwise. */
export function byID<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} #${id}`);
}

/** The first element inside `root` that matches. */
export function within<T extends Element = HTMLElement>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (found === null) throw new Error(`nothing matches ${selector}`);
  return found;
}

/** Shows another of the symbols in index.html. */
export function setIcon(root: ParentNode, symbol: string): void {
  within<SVGUseElement>(root, 'use').setAttribute('href', `#icon-${symbol}`);
}
