import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTlsFiles } from "../../src/store/tls-files.ts";
import { type Certificates, certificatesMissing, makeCertificates } from "../support/certificates.ts";

describe.skipIf(certificatesMissing !== undefined)(
  `the files of a TLS listener${certificatesMissing ? ` (${certificatesMissing})` : ""}`,
  () => {
    let made: Certificates;
    beforeAll(async () => {
      made = await makeCertificates();
    });
    afterAll(() => made.remove());

    const put = (name: string, content: string | Buffer): string => {
      writeFileSync(join(made.folder, name), content);
      return join(made.folder, name);
    };
    const problemsOf = async (change: Partial<Parameters<typeof readTlsFiles>[0]>): Promise<readonly string[]> => {
      const read = await readTlsFiles({ ...made.server, clientCa: made.ca, ...change });
      return "problems" in read ? read.problems.map((line) => line.replaceAll(`${made.folder}/`, "")) : [];
    };

    test("come as they are, with and without a client CA, and with a chain", async () => {
      const chain = put("chain.pem", Buffer.concat([readFileSync(made.server.cert), readFileSync(made.ca)]));
      expect(await readTlsFiles({ cert: chain, key: made.server.key, clientCa: undefined })).toEqual({
        cert: readFileSync(chain),
        key: readFileSync(made.server.key),
        clientCa: undefined,
      });
      expect(await readTlsFiles({ ...made.server, clientCa: made.ca })).toMatchObject({ clientCa: readFileSync(made.ca) });
    });

    test("that do not fit are one line, with the remedy", async () => {
      expect(await problemsOf({ key: made.client.key })).toEqual(["client.key: is not the key of the certificate in server.pem"]);
      expect(await problemsOf({ cert: join(made.folder, "none.pem") })).toEqual(["none.pem: there is no such file; correct its path"]);
      expect(await problemsOf({ cert: made.folder })).toEqual([`${made.folder}: is a folder; name the file in it`]);
      expect(await problemsOf({ cert: made.server.key })).toEqual([
        "server.key: holds no certificate; write one in PEM (-----BEGIN CERTIFICATE-----)",
      ]);
      expect(await problemsOf({ key: made.server.cert })).toEqual(["server.pem: holds no private key; write one in PEM"]);
    });

    test("a CA that OpenSSL would pass over without a word is a problem", async () => {
      const broken = readFileSync(made.ca, "latin1").replace(/^M.*$/m, "MIIB");
      const holds = "holds a certificate that cannot be read; write it anew in PEM";
      expect(await problemsOf({ clientCa: put("bad.pem", broken) })).toEqual([`bad.pem: ${holds}`]);
      expect(await problemsOf({ clientCa: put("half.pem", readFileSync(made.ca, "latin1") + broken) })).toEqual([`half.pem: ${holds}`]);
      expect(await problemsOf({ clientCa: put("empty.pem", "") })).toEqual([expect.stringMatching(/^empty\.pem: holds no certificate/)]);
    });

    test("an encrypted key is said to be one", async () => {
      const key = join(made.folder, "encrypted.key");
      execFileSync("openssl", ["ec", "-in", made.server.key, "-aes128", "-passout", "pass:secret", "-out", key], { stdio: "ignore" });
      expect(await problemsOf({ key })).toEqual(["encrypted.key: is encrypted; decrypt it, and keep it readable for this user alone"]);
    });

    test("every mistake is said at once", async () => {
      const none = join(made.folder, "none.pem");
      expect(await problemsOf({ cert: none, key: none, clientCa: none })).toHaveLength(3);
    });
  },
);
