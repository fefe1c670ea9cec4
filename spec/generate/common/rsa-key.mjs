// The RSA key of the vectors. Primes take long to derive from a name, so it stands here. Public by intent: trust it nowhere.
import { constants, createHash, createPrivateKey, privateEncrypt, sign } from "node:crypto";

const PRIVATE_JWK = {
  kty: "RSA",
  n: "zODNGTxq6XFCa2RYEC-Clqhbj0GT1_g13z1vzPtrsm319nCNRcn2aRy0WCQITAazmGLL0d_zcyymE6NCl2otMlvBQPiqu22UgdiPH8VVD6DbiE0EWRY4AjBk61DP8xiTpjjiQ1xlntvafEpdUQ0CO0U-lD7_HcJjRh8Vp8hjKUNcgxZO6WA5SjuKoBweVzvPoAye_qd4tEzgEV3uGa-nod91TcpG1a7JPHagOe8cJ705jSidBIVAZzALQC4dmPu9qCychudi5XAlAjwwzHfsJ7lv6FoHHsant9TCSqFk_rbGsg_uMiP0D9O2u1e8mU-y0Jox2wqccL7DjcnHQiO0Iw",
  e: "AQAB",
  d: "RZaFk3DGD4x8tuVaVAUPIgUFNF9dzBlukujXNJShO_XFeXM5SN8UZxds2hNDDi-oiLXl7N9YXWJo9nqZf7x8pYIs3diYhRjvPDtGQdBQ2AIXDvC57VhypauyW4sTVsqeO_NORvr3OUILr_PCRmlYvLEEVG4hUQZZmdOtE1Qo-jZezn0IvaPKT_glZLtfkXd8WLCQcMVSmYBZWutYUDR60xCeJPq2JQUtA0e-XYHD5ynEyMBeb46j-YVN6P4qbGtusJEEYgVMv6Pc9gaMQnSZbBGMgCgTQjLmW4NVo8matVfBkQexz7IKehbma_MTKQOugTY89bRiN4fsiEvVor2FgQ",
  p: "-5LbptKECMwoELmk3YMj5YI9zYUBJdrViURK07eET6BgeE4Y8AON8NNhFQLJCPwxHu6AljBsMG5Xu2zzs5U9r3zu3OYxpKNZFbHhsdAkPLMRfsQbWPdttM5jFtMZ3hO446wUAkalZomyyPI3dA3LyuQPiJcPzwFBDN8iS9vgcPE",
  q: "0HudzKFF_n3FlFdYbbdx9xZAzDcz7KWiXShhUJ_wy235he2DHg7EOGk2pWwMnqMKbO8ZqRPj1_xrHC9G4ydTkkk83RR6I5bdRk9waaEYb7xK63a4LYGrj8vYbK8_C6UtvcC8ouwMTi2PMHSahThnQJrtCLhNg73af52VVclQdlM",
  dp: "HvCEyxOA4YQaOVRbjlKei49lAm2lIn6zXFplyXv8bb6PnrwcHQiS4FdezTK2fsBlWiSC8_WomJw5dfeEUUW9fGOlDM3StSjRv_VMiI3MpxpuwGRl6J8lguMPFLOJruJGDtoO6-i8VswAjO4dG8zGj4FU17ucWh0RXv_iO-oixEE",
  dq: "r-Hp4W2ZODbxDdGWZ5FgkvxyFBbqNlYSIRdk6fjU0zpnTMZwXFZG0fRpRqteBiM0M2yPsGV4TYnE7xUvb4mI5pvkvfp9hDLNYHi6NFLU48btSbJxdOq1Su3FGwPJY1CpwzCrs6MCSp4C8_UbOxK3gPhyym1574-mmwzdpG7e88M",
  qi: "iFhaxkN6hCO60ZyoyUtIPDdTGzSgVmAcebJXeYObPJYGstlCbUalmWbRudLXAhfuP04voQEVhi82RXmeaMGIKir0XvNzedGUhMid2ccwdm5FE2prdiOkgKiPQykVndEeabB7WOY4fB1yQDOvrVr_KeUU6qCwPYRDfi1i5TEeBdA",
};
const BYTES = 256;
const hashOf = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();

/** MGF1 of RFC 8017 §B.2.1 with SHA-256. */
function mask(seed, length) {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) => hashOf(seed, Buffer.from([0, 0, 0, i])));
  return Buffer.concat(blocks).subarray(0, length);
}

/** RSASSA-PSS (RFC 8017 §8.1) with SHA-256, and with a salt that is the hash of the data: Node takes a random one. */
function signPss(privateKey, data) {
  const digest = hashOf(data);
  const salt = hashOf(digest);
  const hash = hashOf(Buffer.alloc(8), digest, salt);
  const block = Buffer.concat([Buffer.alloc(BYTES - 66), Buffer.from([1]), salt]);
  const masked = mask(hash, block.length).map((byte, i) => byte ^ block[i]);
  masked[0] &= 0x7f;
  const encoded = Buffer.concat([masked, hash, Buffer.from([0xbc])]);
  return privateEncrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encoded);
}

/** The RSA key for RS256 or PS256, which both sign deterministically here. */
export function rsaKey(algorithm, kid) {
  const privateKey = createPrivateKey({ key: PRIVATE_JWK, format: "jwk" });
  const { kty, n, e } = PRIVATE_JWK;
  return {
    algorithm,
    kid,
    jwk: { kty, n, e, kid },
    sign: (data) =>
      algorithm === "RS256" ? sign("sha256", Buffer.from(data), privateKey) : signPss(privateKey, Buffer.from(data)),
  };
}
