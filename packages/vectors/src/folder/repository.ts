/** Where the vectors are in the repository, which the package's are copied from. */
export const VECTORS_FOLDER: URL = new URL("../../../../spec/vectors/", import.meta.url);
