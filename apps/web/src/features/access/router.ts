import { changePassword, createFirstOwner, listSessions, signOut } from "@mailstead/services/access";
import { changeDigestWish, getDigestWish } from "@mailstead/services/checks";
import { z } from "zod";
import { memberProcedure, mutationOf, publicProcedure, router } from "../../server/trpc.ts";

const firstOwnerInput = z.object({
  token: z.string(),
  organisationName: z.string(),
  name: z.string(),
  email: z.string(),
  password: z.string(),
});

export const accessRouter = router({
  createFirstOwner: publicProcedure
    .input(firstOwnerInput)
    .mutation(({ ctx, input }) => createFirstOwner(ctx.anonymous, input)),
  me: memberProcedure.query(({ ctx }) => {
    const { name, email, organisationName, role } = ctx.session;
    return { name, email, organisationName, role };
  }),
  sessions: memberProcedure.query(async ({ ctx }) => {
    const sessions = await listSessions(ctx.services);
    return sessions.map((session) => ({ ...session, isThis: session.id === ctx.session.sessionId }));
  }),
  signOut: memberProcedure.mutation(({ ctx }) => signOut(ctx.services, { sessionId: ctx.session.sessionId })),
  endSession: mutationOf(signOut),
  endOtherSessions: memberProcedure.mutation(async ({ ctx }) => {
    for (const session of await listSessions(ctx.services))
      if (session.id !== ctx.session.sessionId) await signOut(ctx.services, { sessionId: session.id });
  }),
  digestWish: memberProcedure.query(({ ctx }) => getDigestWish(ctx.services)),
  changeDigestWish: mutationOf(changeDigestWish),
  changePassword: memberProcedure
    .input(z.object({ currentPassword: z.string(), newPassword: z.string() }))
    .mutation(({ ctx, input }) =>
      changePassword(ctx.services, { ...input, sessionId: ctx.session.sessionId }),
    ),
});
