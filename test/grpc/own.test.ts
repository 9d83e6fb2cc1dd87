import { createOwnServer } from "../../src/grpc/own.ts";
import { contract } from "./contract.ts";

contract("own", createOwnServer);
