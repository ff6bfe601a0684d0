import java.util.Map;
import java.util.Set;
import org.elasticsearch.cluster.ClusterState;
import org.elasticsearch.cluster.metadata.DataStream;
import org.elasticsearch.cluster.metadata.MetadataCreateDataStreamService.CreateDataStreamClusterStateUpdateRequest;
import org.elasticsearch.cluster.metadata.MetadataDataStreamsService;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.core.TimeValue;

/** Data streams as Elasticsearch 8 keeps them: in the state of the cluster. */
class DataStreams {
    private static final TimeValue limit = TimeValue.timeValueSeconds(30);

    static CreateDataStreamClusterStateUpdateRequest creation(String name) {
        return new CreateDataStreamClusterStateUpdateRequest(name, null, limit, limit, true);
    }

    static Map<String, DataStream> all(ClusterState state) {
        return state.metadata().dataStreams();
    }

    static ClusterState without(ClusterState state, Set<DataStream> streams, Settings settings) {
        return MetadataDataStreamsService.deleteDataStreams(state, streams, settings);
    }
}
