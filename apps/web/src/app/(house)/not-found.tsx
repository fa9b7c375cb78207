import { NotFoundState } from "../../components/not-found-state.tsx";

/** Within the house, whose frame is the page's one main part already. */
export default function NotFoundInHouse() {
  return <NotFoundState />;
}
