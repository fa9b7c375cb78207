export { demoCertificate } from "./demo-certificate.ts";
