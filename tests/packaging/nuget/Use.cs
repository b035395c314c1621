// What a project with the package writes, for the compiler to check: no .NET for Windows runs here.
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using SharedMem;

internal static class Use
{
    public static async Task<ulong> Members()
    {
        ulong sum = 0;
        using (Region region = Region.Open("nuget", new RegionOptions { Capacity = 256, Depth = 60 }))
        using (Region file = Region.OpenFile(@"C:\region", new RegionOptions { ReadOnly = true }))
        {
            ulong version = region.Write(new byte[4]);
            byte[] data = region.Read(out version);
            bool replaced = region.TryReplace(data, ref version);
            data = region.Update(last => replaced ? last : new byte[1]);
            bool changed = region.Wait(version, 100) || await region.WaitAsync(version, 100);
            Change next = region.ReadNext(version);
            RegionInfo info = region.Query();
            sum = file.Flush(next.Version) + next.Missed + info.Capacity + (changed ? 1u : 0u);
            Region.Text = Region.Text + Region.OfText.Query().Version;
#if NETSTANDARD2_1_OR_GREATER
            region.TryRead(data, out int size, out version);
            region.Write(new System.ReadOnlySpan<byte>(data, 0, size));
            IAsyncEnumerator<Change> changes =
                region.Changes(version).GetAsyncEnumerator(CancellationToken.None);
            while (await changes.MoveNextAsync())
            {
                sum += (ulong)changes.Current.Data.Length;
            }
#endif
        }
        return sum;
    }
}
