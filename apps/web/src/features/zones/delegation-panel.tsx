"use client";
import type { ReactNode } from "react";
import { CopyBlock } from "../../components/copy-block.tsx";
import { Panel } from "../../components/panel.tsx";
import { useWords } from "../../components/words-provider.tsx";
import type { Zone } from "./zone-screen.tsx";

/** What is pasted where the domain is registered, in the order in which it is pasted. */
export function DelegationPanel({ zone }: { zone: Zone }) {
  const { t } = useWords();
  const { nameServers, glue, signers } = zone.delegation;
  return (
    <Panel title={t("zone.registrar")} description={t("zone.registrar-lead")}>
      <div className="grid gap-4">
        <Part title={t("zone.name-servers")}>
          <CopyBlock text={nameServers.join("\n")} what={t("zone.the-name-servers")} />
        </Part>
        {glue.length === 0 ? null : (
          <Part title={t("zone.glue")}>
            <CopyBlock
              text={glue
                .flatMap(({ name, addresses }) => addresses.map((address) => `${name} ${address}`))
                .join("\n")}
              what={t("zone.the-glue")}
            />
          </Part>
        )}
        <Part title={t("zone.signers")}>
          {signers.length === 0 ? (
            <p className="text-ink-3 text-table">{t("zone.keys-waiting")}</p>
          ) : (
            signers.map(({ keyTag, algorithm, digestType, digest }) => (
              <div key={digest} className="grid gap-1">
                <CopyBlock
                  text={`${keyTag} ${algorithm} ${digestType} ${digest}`}
                  what={t("zone.the-signers")}
                />
                <p className="text-ink-3 text-meta">
                  {t("zone.signer-parts", {
                    keyTag: String(keyTag),
                    algorithm: String(algorithm),
                    digestType: String(digestType),
                  })}
                </p>
              </div>
            ))
          )}
        </Part>
        {zone.publicKeys.length === 0 ? null : (
          <Part title={t("zone.public-key")}>
            {zone.publicKeys.map((key) => (
              <CopyBlock key={key} text={key} what={t("zone.the-public-key")} />
            ))}
          </Part>
        )}
      </div>
    </Panel>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-1.5">
      <h3 className="font-medium text-table">{title}</h3>
      {children}
    </section>
  );
}
