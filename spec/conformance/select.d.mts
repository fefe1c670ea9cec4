export function isSelected(
  selector: string,
  file: string,
  vector: { readonly id: string; readonly [member: string]: unknown },
): boolean;
