// Writes schema/riffle.schema.json, which is made from the same definition that reads riffle.yaml: `node scripts/schema.ts`.
import { writeFileSync } from "node:fs";
import { formatSchema } from "../src/core/parse/shape.ts";

writeFileSync(new URL("../schema/riffle.schema.json", import.meta.url), formatSchema());
