// What a project with the package writes: each member of the wrapper, and what comes of it.
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using SharedMem;

internal static class Use
{
    private const int ERROR_FILE_NOT_FOUND = 2, ERROR_ACCESS_DENIED = 5;
    private const int ERROR_ALREADY_EXISTS = 183;

    private static void Check(bool condition, string what)
    {
        if (!condition)
        {
            throw new Exception("failed: " + what);
        }
    }

    private static void Fails(int error, Action action)
    {
        try
        {
            action();
        }
        catch (Win32Exception exception)
        {
            Check(exception.NativeErrorCode == error, error + ": " + exception.NativeErrorCode);
            return;
        }
        Check(false, error + ": nothing was thrown");
    }

    private static Region Open(string name, ulong capacity = 256, int depth = 3)
    {
        return Region.Open(name, new RegionOptions { Capacity = capacity, Depth = depth });
    }

    private static void ValuesAreWholeAndHaveVersions()
    {
        Fails(ERROR_FILE_NOT_FOUND, () => Region.Open("nuget-values"));
        using (Region region = Open("nuget-values"))
        using (Region reader = Region.Open("nuget-values", new RegionOptions { ReadOnly = true }))
        {
            byte[] one = { 1 }, two = { 2, 2 };
            Check(reader.Read(out ulong version).Length == 0 && version == 0, "an empty region");
            Check(region.Write(one) == 1, "the first version");
            Check(reader.Read(out version).SequenceEqual(one) && version == 1, "what was written");
            ulong stale = 0;
            Check(!region.TryReplace(two, ref stale) && stale == 1, "a stale version");
            Check(region.TryReplace(two, ref version) && version == 2, "the present version");
            Check(region.Update(last => last.Concat(one).ToArray()).Length == 3, "an update");
            Check(reader.Read(out version).SequenceEqual(new byte[] { 2, 2, 1 }), "its value");
            Fails(ERROR_ACCESS_DENIED, () => reader.Write(one));
            Fails(ERROR_ALREADY_EXISTS, () => Region.Open(
                "nuget-values", new RegionOptions { Capacity = 1, CreateNew = true }));

            RegionInfo info = reader.Query();
            Check(info.Capacity == 256 && info.Size == 3 && info.Version == 3 && info.Depth == 3 &&
                  info.Durable == 0 && info.Writer == 0 && info.Waiters == 0 && info.ReadOnly &&
                  !info.Unsynchronised && !info.Recovered, "what a query tells");
        }
    }

    private static async Task ChangesWake()
    {
        using (Region region = Open("nuget-changes"))
        {
            Check(!region.Wait(0, 10) && !await region.WaitAsync(0, 10), "nothing has changed");
            Task<bool> waiting = region.WaitAsync(0);
            region.Write(new byte[4]);
            Check(await waiting, "a change wakes");
            Check(await region.WaitAsync(0) && region.Wait(0), "it has changed");

            using (var source = new CancellationTokenSource(50))
            {
                try
                {
                    await region.WaitAsync(1, Timeout.Infinite, source.Token);
                    Check(false, "a wait that ends by nothing");
                }
                catch (OperationCanceledException)
                {
                }
            }
            Check(region.Query().Waiters == 0, "no wait is left");
        }
    }

    private static void HistoryTellsWhatIsMissing()
    {
        using (Region region = Open("nuget-history"))
        {
            for (byte number = 1; number <= 5; number++)
            {
                region.Write(new[] { number });
            }
            Change change = region.ReadNext();
            Check(change.Version == 3 && change.Missed == 2 && change.Data[0] == 3, "the oldest");
            Check(region.ReadNext(4).Missed == 0 && region.ReadNext(5) == null, "the last");
        }
    }

    private static void FilesStay()
    {
        string path = Path.Combine(AppDomain.CurrentDomain.BaseDirectory, "use.region");
        File.Delete(path);
        using (Region file = Region.OpenFile(path, new RegionOptions { Capacity = 256 }))
        {
            ulong version = file.Write(new byte[] { 42 });
            Check(file.Flush(version) == version && file.Query().Durable == version, "a flush");
        }
        using (Region file = Region.OpenFile(path))
        {
            Check(file.Read(out ulong version)[0] == 42 && file.Query().Recovered, "a recovery");
        }
        File.Delete(path);
    }

    private static void TextsArrive()
    {
        ulong version = Region.OfText.Query().Version;
        Region.Text = "from .NET \u00FC";
        Check(Region.Text == "from .NET \u00FC", "the text");
        Check(Region.OfText.Wait(version, 0), "its version");
    }

#if NETSTANDARD2_1 || NETCOREAPP3_1
    private static async Task SpansAndStreams()
    {
        using (Region region = Open("nuget-spans"))
        {
            byte[] buffer = new byte[8];
            region.Write(new ReadOnlySpan<byte>(new byte[] { 0, 7, 7 }, 1, 2));
            Check(region.TryRead(buffer, out int size, out ulong version) && size == 2 &&
                  version == 1 && buffer[1] == 7, "a span");
            Check(!region.TryRead(new Span<byte>(buffer, 0, 1), out size, out version) &&
                  size == 2, "one that is too small");

            Task writing = Task.Run(async () =>
            {
                await Task.Delay(20);
                region.Write(new byte[] { 2 });
            });
            IAsyncEnumerator<Change> changes =
                region.Changes().GetAsyncEnumerator(CancellationToken.None);
            Check(await changes.MoveNextAsync() && changes.Current.Version == 1, "the first");
            Check(await changes.MoveNextAsync() && changes.Current.Data[0] == 2, "the next");
            await changes.DisposeAsync();
            await writing;
        }
    }
#else
    private static Task SpansAndStreams()
    {
        return Task.FromResult(0);
    }
#endif

    private static void Main()
    {
        ValuesAreWholeAndHaveVersions();
        ChangesWake().GetAwaiter().GetResult();
        HistoryTellsWhatIsMissing();
        FilesStay();
        TextsArrive();
        SpansAndStreams().GetAwaiter().GetResult();
        Console.WriteLine("passed");
    }
}
