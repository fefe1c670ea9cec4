/** Where the vectors are in the package as it is published. */
export const VECTORS_FOLDER: URL = new URL("../../vectors/", import.meta.url);
