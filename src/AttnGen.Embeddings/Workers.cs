using System.Runtime.ExceptionServices;

namespace AttnGen.Embeddings;

/// <summary>Runs pieces of work, one after the other or on several threads.</summary>
internal static class Workers
{
    /// <summary>Refuses a number of threads that is none, by the name of the option that has it.</summary>
    /// <param name="threads">What the option says.</param>
    /// <param name="option">The type with the option.</param>
    /// <param name="parameter">The caller's parameter that the option came by.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static void Check(int threads, string option, string parameter)
    {
        if (threads < 0)
        {
            throw new ArgumentOutOfRangeException(parameter, threads, $"{option}.Threads is {threads}; give 0 (one thread for each processor) or a number from 1 on.");
        }
    }

    /// <summary>Work 0 to count − 1, started in that order. Cancellation is looked at before each; the first exception stops the others and is thrown as it is.</summary>
    /// <param name="count">How many pieces there are.</param>
    /// <param name="threads">How many run at once; 0: as many as there are processors; 1: on this thread.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">Stops between two pieces.</param>
    public static void Run(int count, int threads, Action<int> work, CancellationToken cancellation)
    {
        threads = Math.Min(threads == 0 ? Environment.ProcessorCount : threads, count);
        if (threads <= 1)
        {
            for (var i = 0; i < count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                work(i);
            }

            return;
        }

        var next = -1;
        ExceptionDispatchInfo? failure = null;
        var others = new Task[threads - 1];
        for (var i = 0; i < others.Length; i++)
        {
            others[i] = Task.Run(Loop, CancellationToken.None);
        }

        Loop();
        Task.WaitAll(others, CancellationToken.None);
        failure?.Throw();
        cancellation.ThrowIfCancellationRequested();

        void Loop()
        {
            try
            {
                for (int i; Volatile.Read(ref failure) is null && !cancellation.IsCancellationRequested && (i = Interlocked.Increment(ref next)) < count;)
                {
                    work(i);
                }
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
        }
    }
}
