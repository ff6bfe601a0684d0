import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.injection.guice.Injector;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.LocalNode;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.transport.netty4.Netty4Plugin;

/** Runs one node of Elasticsearch 8 or 9 from Maven Central's jars: java -cp CLASSES:JARS Elasticsearch FOLDER [setting=value ...] */
public class Elasticsearch {
    public static void main(String[] args) throws Exception {
        Lifeline.hold(Path.of(args[0]));
        // The node reads its own build from these; without them clients see an unknown flavor and refuse it.
        System.setProperty("es.distribution.flavor", "default");
        System.setProperty("es.distribution.type", "tar");
        // Netty counts processors once for a process; a second count by the node would be refused.
        System.setProperty("es.set.netty.runtime.available.processors", "false");
        LogConfigurator.configureESLogging();

        // The handlers need the node, which needs the handlers.
        AtomicReference<Injector> services = new AtomicReference<>();
        Plugin paths = new PathsPlugin(new UnpublishedPaths(services::get).handlers());
        LocalNode node = new LocalNode(environment(args), List.of(new Netty4Plugin(), paths));
        services.set(node.injector());
        node.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (IOException e) {
                e.printStackTrace();
            }
        }));
        Thread.currentThread().join();
    }

    private static Environment environment(String[] args) {
        Settings.Builder settings = Settings.builder();
        NodeSettings.parse(args).forEach(settings::put);
        return InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), null, () -> "local");
    }
}
