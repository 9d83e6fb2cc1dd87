import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** Why no certificates can be made here; undefined where they can. */
export const certificatesMissing: string | undefined =
  spawnSync("openssl", ["version"]).status === 0 ? undefined : "openssl is not on PATH: certificates cannot be made";

/** A certificate and its key, as files in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** Certificates good for a day: two CAs, and who was signed by which. */
export interface Certificates {
  readonly folder: string; // ca.pem, client.pem, client.key and so on
  readonly ca: string; // of `server` and `client`
  readonly server: Identity; // for 127.0.0.1 and localhost
  readonly elsewhere: Identity; // by the same CA, for another host
  readonly client: Identity;
  readonly strangerCa: string;
  readonly stranger: Identity; // signed by strangerCa
  remove(): Promise<void>;
}

/** Makes them by openssl in a folder of their own. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), "riffle-certificates-"));
  const [ca, strangerCa] = await Promise.all([makeCa(folder, "ca"), makeCa(folder, "stranger-ca")]);
  const [server, elsewhere, client, stranger] = await Promise.all([
    sign(folder, "server", { ca, names: "IP:127.0.0.1,DNS:localhost" }),
    sign(folder, "elsewhere", { ca, names: "IP:192.0.2.1,DNS:elsewhere.test" }),
    sign(folder, "client", { ca, names: "DNS:envoy.test" }),
    sign(folder, "stranger", { ca: strangerCa, names: "DNS:envoy.test" }),
  ]);
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  return { folder, ca: ca.cert, server, elsewhere, client, strangerCa: strangerCa.cert, stranger, remove };
}

/** The bytes of an identity's files. */
export async function readIdentity({ cert, key }: Identity): Promise<{ readonly cert: Buffer; readonly key: Buffer }> {
  return { cert: await readFile(cert), key: await readFile(key) };
}

const identity = (folder: string, name: string): Identity => ({ cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) });
const openssl = (...args: readonly string[]): Promise<unknown> => promisify(execFile)("openssl", args);
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

async function makeCa(folder: string, name: string): Promise<Identity> {
  const made = identity(folder, name);
  await openssl("req", "-x509", ...NEW_KEY, "-keyout", made.key, "-out", made.cert, "-days", "1", "-subj", `/CN=${name}`);
  return made;
}

async function sign(folder: string, name: string, by: { readonly ca: Identity; readonly names: string }): Promise<Identity> {
  const made = identity(folder, name);
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  await openssl("req", "-new", ...NEW_KEY, "-keyout", made.key, "-out", request, "-subj", `/CN=${name}`);
  await writeFile(extensions, `subjectAltName=${by.names}\n`);
  const serial = ["-set_serial", String(Math.floor(Math.random() * 2 ** 31))]; // -CAcreateserial would have several write one file
  await openssl(
    "x509",
    "-req",
    "-in",
    request,
    "-CA",
    by.ca.cert,
    "-CAkey",
    by.ca.key,
    ...serial,
    "-out",
    made.cert,
    "-days",
    "1",
    "-extfile",
    extensions,
  );
  return made;
}
