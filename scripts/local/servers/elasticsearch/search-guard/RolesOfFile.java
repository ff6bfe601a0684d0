import com.floragunn.searchguard.action.configupdate.ConfigUpdateAction;
import com.floragunn.searchguard.action.configupdate.ConfigUpdateRequest;
import com.floragunn.searchguard.sgconf.impl.CType;
import com.floragunn.searchguard.support.ConfigHelper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.List;
import org.elasticsearch.client.Client;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.xcontent.NamedXContentRegistry;
import org.elasticsearch.env.Environment;
import org.elasticsearch.env.NodeEnvironment;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.script.ScriptService;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.watcher.ResourceWatcherService;

/**
 * Gives Search Guard its first configuration from the folder "security" of the node's, and new roles whenever sg_roles.yml changes there: what
 * sgadmin does with an administrator's certificate, which a node without TLS for HTTP takes from nobody.
 */
public class RolesOfFile extends Plugin {
    private final Path security;

    public RolesOfFile(Settings settings) {
        security = Path.of(Environment.PATH_HOME_SETTING.get(settings), "security");
        System.setProperty("sg.default_init.dir", security.toString());
    }

    @Override
    public Collection<Object> createComponents(Client client, ClusterService cluster, ThreadPool threads, ResourceWatcherService watcher,
            ScriptService scripts, NamedXContentRegistry contents, Environment environment, NodeEnvironment node, NamedWriteableRegistry writeables) {
        Thread watch = new Thread(() -> watch(client, security.resolve("sg_roles.yml")));
        watch.setDaemon(true);
        watch.start();
        return List.of();
    }

    private static void watch(Client client, Path file) {
        try {
            FileTime seen = Files.getLastModifiedTime(file);
            while (true) {
                Thread.sleep(100);
                FileTime changed = Files.getLastModifiedTime(file);
                if (!changed.equals(seen)) load(client, file);
                seen = changed;
            }
        } catch (Exception e) {
            e.printStackTrace();
        }
    }

    private static void load(Client client, Path file) throws Exception {
        var context = client.threadPool().getThreadContext();
        try (var before = context.stashContext()) {
            context.putHeader("_sg_conf_request", "true");
            ConfigHelper.uploadFile(client, file.toString(), "searchguard", CType.ROLES, 2);
            client.execute(ConfigUpdateAction.INSTANCE, new ConfigUpdateRequest(new String[] {CType.ROLES.toLCString()})).actionGet();
        }
    }
}
