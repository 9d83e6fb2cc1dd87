import { createGrpcJsServer } from "../../src/grpc/grpc-js.ts";
import { contract } from "./contract.ts";

contract("grpc-js", createGrpcJsServer);
