import {
  acceptTerms,
  changeAuthority,
  changeCertificateKey,
  getAuthority,
  listCertificateLooks,
  listCertificates,
  listRemovedCertificates,
  requestCertificate,
  revokeCertificate,
} from "@mailstead/services/certificates";
import { memberProcedure, mutationOf, queryOf, router } from "../../server/trpc.ts";

export const certificatesRouter = router({
  list: queryOf(listCertificates),
  removed: queryOf(listRemovedCertificates),
  looks: queryOf(listCertificateLooks),
  request: mutationOf(requestCertificate),
  changeKey: mutationOf(changeCertificateKey),
  revoke: mutationOf(revokeCertificate),
  authority: memberProcedure.query(({ ctx }) => getAuthority(ctx.services)),
  changeAuthority: mutationOf(changeAuthority),
  acceptTerms: mutationOf(acceptTerms),
});
