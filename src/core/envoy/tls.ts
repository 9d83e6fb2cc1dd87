import { isIp } from "../parse/address.ts";
import type { Address, EnvoyTls } from "../rules.ts";
import { quote, yaml } from "./yaml.ts";

/** The `transport_socket` with which Envoy reaches riffle at these addresses, and at no impostor. */
export function tlsSocket({ ca, own }: EnvoyTls, addresses: readonly Address[]): string {
  const hosts = [...new Set(addresses.flatMap((where) => (where.kind === "tcp" ? [where.host.replace(/\.$/, "")] : [])))];
  return yaml`
    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        ${serverName(hosts)}
        common_tls_context:
          # riffle refuses connections that do not agree on HTTP/2.
          alpn_protocols: [h2]
          ${own === undefined ? "" : certificate(own)}
          validation_context:
            trusted_ca: { filename: ${quote(ca)} }
            # Without names, any certificate that this CA has signed would do for riffle's.
            match_typed_subject_alt_names:
            ${hosts.map(subjectName).join("\n")}
  `;
}

/** No name for an address, which SNI does not know (RFC 6066 §3), nor for several, of which Envoy would send one to all. */
function serverName(hosts: readonly string[]): string {
  const [host, ...others] = hosts;
  return host === undefined || others.length > 0 || isIp(host) ? "" : `sni: ${quote(host)}`;
}

const certificate = ({ cert, key }: NonNullable<EnvoyTls["own"]>): string => yaml`
  # riffle lets in nobody without one.
  tls_certificates:
  - certificate_chain: { filename: ${quote(cert)} }
    private_key: { filename: ${quote(key)} }
`;

const subjectName = (host: string): string => `- { san_type: ${isIp(host) ? "IP_ADDRESS" : "DNS"}, matcher: { exact: ${quote(host)} } }`;
