import { RowsSkeleton, Skeleton } from "../../components/skeleton.tsx";

export default function Loading() {
  return (
    <div aria-busy="true">
      <div className="flex h-7 items-center pb-5">
        <Skeleton className="h-5 w-40" />
      </div>
      <div className="rounded-ui border border-line bg-surface">
        <RowsSkeleton rows={10} />
      </div>
    </div>
  );
}
