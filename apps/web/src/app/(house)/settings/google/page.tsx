import { GoogleConsentScreen } from "../../../../features/feeds/google-consent-screen.tsx";
import { Prepared, titled } from "../../../../server/page.tsx";

export const generateMetadata = titled("feeds.consent.title");

/** Where Google sends people back to; the app that an organisation registers at Google names this address. */
export default function GoogleConsentPage() {
  return (
    <Prepared asks={() => []}>
      <GoogleConsentScreen />
    </Prepared>
  );
}
