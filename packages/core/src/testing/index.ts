export { createTestAuthority, type TestAuthority } from "./create-test-authority.ts";
