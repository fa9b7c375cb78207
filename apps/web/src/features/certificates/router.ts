import { changeCertificateKey, listCertificates, requestCertificate } from "@mailstead/services/certificates";
import { mutationOf, queryOf, router } from "../../server/trpc.ts";

export const certificatesRouter = router({
  list: queryOf(listCertificates),
  request: mutationOf(requestCertificate),
  changeKey: mutationOf(changeCertificateKey),
});
